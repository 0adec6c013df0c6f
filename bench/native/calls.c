// SPDX-License-Identifier: Apache-2.0
/*
 * Times system calls in short blocks, on request, so that a runner can take turns between states of the machine
 * within one process. One command a line on stdin, one answer a line on stdout:
 *
 *   attach OBJECT        attaches the program of a BPF object        -> ok | error TEXT
 *   detach                                                           -> ok
 *   CALL BLOCKS PER      BLOCKS blocks of PER calls                  -> the blocks' ns per call, blank-separated
 *
 * CALL: getppid | open (open and close of the path in $BENCH_PATH) | spawn (vfork, exec of /bin/true, wait)
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static struct bpf_object *object;
static struct bpf_link *attached;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int call_getppid(void)
{
	return (int)syscall(SYS_getppid) < 0;
}

static const char *path = "/etc/hostname";

static int call_open(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || close(fd);
}

static int call_spawn(void)
{
	char *argv[] = { "true", NULL };
	pid_t pid;
	int status;

	return posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) ||
	       waitpid(pid, &status, 0) != pid || status;
}

static void run(int (*call)(void), int blocks, int per)
{
	for (int b = 0; b < blocks; b++) {
		double start = now_ns();

		for (int i = 0; i < per; i++) {
			if (call()) {
				printf("error the call failed\n");
				return;
			}
		}
		printf("%s%.2f", b ? " " : "", (now_ns() - start) / per);
	}
	printf("\n");
}

static void detach(void)
{
	bpf_link__destroy(attached);
	bpf_object__close(object);
	attached = NULL;
	object = NULL;
}

static void attach(const char *file)
{
	object = bpf_object__open_file(file, NULL);
	if (!object || bpf_object__load(object)) {
		printf("error cannot load %s\n", file);
		return detach();
	}
	attached = bpf_program__attach(bpf_object__next_program(object, NULL));
	puts(attached ? "ok" : "error cannot attach");
}

int main(void)
{
	char line[512], word[32], file[400];
	int blocks, per;

	if (getenv("BENCH_PATH"))
		path = getenv("BENCH_PATH");
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "attach %399s", file) == 1) {
			attach(file);
		} else if (!strncmp(line, "detach", 6)) {
			detach();
			puts("ok");
		} else if (sscanf(line, "%31s %d %d", word, &blocks, &per) == 3) {
			if (!strcmp(word, "getppid"))
				run(call_getppid, blocks, per);
			else if (!strcmp(word, "open"))
				run(call_open, blocks, per);
			else if (!strcmp(word, "spawn"))
				run(call_spawn, blocks, per);
			else
				puts("error unknown call");
		} else {
			puts("error unknown command");
		}
	}
	return 0;
}
