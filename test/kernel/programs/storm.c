// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Makes many events and ends. Prints nothing.
 *   storm calls CPU LANE LENGTH COUNT   getppid with arguments that the small object reads; CPU -1: any
 *   storm opens COUNT FILE              opens and closes
 *   storm forks COUNT                   children that change their user id, run a program and end
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(9);
}

static void calls(int cpu, long lane, long length, long count)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	must(cpu < 0 || sched_setaffinity(0, sizeof(set), &set) == 0, "sched_setaffinity");
	for (long i = 0; i < count; i++)
		syscall(SYS_getppid, lane, length);
}

static void opens(long count, const char *file)
{
	for (long i = 0; i < count; i++) {
		int fd = open(file, O_RDONLY | O_CLOEXEC);

		must(fd >= 0, file);
		close(fd);
	}
}

static void forks(long count)
{
	char *argv[] = { "true", NULL }, *environment[] = { NULL };

	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		must(child >= 0, "fork");
		if (child == 0) {
			must(syscall(SYS_setuid, 1000) == 0, "setuid");
			execve("/bin/true", argv, environment);
			_exit(9);
		}
		must(waitpid(child, NULL, 0) == child, "waitpid");
	}
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "calls") == 0)
		calls(atoi(argv[2]), atol(argv[3]), atol(argv[4]), atol(argv[5]));
	else if (argc == 4 && strcmp(argv[1], "opens") == 0)
		opens(atol(argv[2]), argv[3]);
	else if (argc == 3 && strcmp(argv[1], "forks") == 0)
		forks(atol(argv[2]));
	else
		return 2;
	return 0;
}
