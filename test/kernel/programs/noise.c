// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Noise, and an attack to be seen in its midst. Each joins the cgroup of CGROUP.PROCS first, by writing itself into it.
 *   noise CGROUP.PROCS opens|forks|setuid|ptrace COUNT [FILE...]
 *     COUNT calls, or 0: until standard input ends. Opens go over the files in turn; ptrace fails. Prints the calls made.
 *   noise CGROUP.PROCS attack DIRECTORY ROUNDS UID
 *     Each round, in a process of its own, opens DIRECTORY/file-N, changes its user to UID + N and runs
 *     DIRECTORY/program-N. Prints the rounds that went well.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whatever happens to who started it. */
#define SECONDS_MAX 60

static void must(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(9);
}

static void join(const char *procs)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC);

	must(fd >= 0, procs);
	must(write(fd, "0", 1) == 1, procs);
	close(fd);
}

static int ended(long made, long count)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };

	if (count > 0)
		return made >= count;
	return made % 64 == 0 && poll(&in, 1, 0) > 0;
}

static void make(const char *what, long made, int files, char **file)
{
	pid_t child;
	int fd;

	switch (what[0]) {
	case 'o':
		fd = open(file[made % files], O_RDONLY | O_CLOEXEC);
		must(fd >= 0, "open");
		close(fd);
		break;
	case 'f':
		child = fork();
		must(child >= 0, "fork");
		if (child == 0)
			_exit(0);
		must(waitpid(child, NULL, 0) == child, "waitpid");
		break;
	case 's':
		must(syscall(SYS_setuid, getuid()) == 0, "setuid");
		break;
	default:
		must(ptrace(PTRACE_ATTACH, 1 << 30, NULL, NULL) == -1, "ptrace");
	}
}

static int attack(const char *directory, long round, long uid)
{
	char file[4096], program[4096];
	char *argv[] = { program, NULL }, *environment[] = { NULL };
	pid_t child = fork();
	int status;

	must(child >= 0, "fork");
	if (child > 0)
		return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	snprintf(file, sizeof(file), "%s/file-%ld", directory, round);
	snprintf(program, sizeof(program), "%s/program-%ld", directory, round);
	must(open(file, O_RDONLY | O_CLOEXEC) >= 0, file);
	must(syscall(SYS_setuid, uid + round) == 0, "setuid");
	execve(program, argv, environment);
	_exit(9);
}

int main(int argc, char **argv)
{
	long made = 0, count;

	if (argc < 4)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(SECONDS_MAX);
	join(argv[1]);
	if (strcmp(argv[2], "attack") == 0) {
		must(argc == 6, "attack DIRECTORY ROUNDS UID");
		count = atol(argv[4]);
		for (long round = 0; round < count; round++)
			made += attack(argv[3], round, atol(argv[5]));
	} else {
		count = atol(argv[3]);
		for (; !ended(made, count); made++)
			make(argv[2], made, argc - 4, argv + 4);
	}
	printf("%ld\n", made);
	return 0;
}
