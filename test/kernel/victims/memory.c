// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Power over other processes, and files without a name. */
#include "victim.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

static void traced(long result, long request, long pid, long addr, long data)
{
	truth_begin("ptrace", "ptrace", result);
	truth_number("request", request);
	truth_number("targetPid", pid);
	truth_number("addr", addr);
	truth_number("data", data);
	truth_number("h.lane", result < 0 ? 2 : 0);
}

static void trace_me(void)
{
	long result = syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);

	traced(result, PTRACE_TRACEME, getpid(), 0, 0);
	truth_end();
}

/* A child that waits, under a name of its own. */
static pid_t start_target(void)
{
	int ready[2];
	char byte;
	pid_t child;

	must(pipe(ready) == 0, "pipe");
	child = fork();
	if (child == 0) {
		must(prctl(PR_SET_NAME, "the target") == 0 && write(ready[1], "x", 1) == 1, "prctl");
		pause();
		_exit(0);
	}
	must(child > 0 && read(ready[0], &byte, 1) == 1, "read");
	return child;
}

static void end_target(pid_t target)
{
	kill(target, SIGKILL);
	must(waitpid(target, NULL, __WALL) == target, "waitpid");
}

static void trace_inside(void)
{
	pid_t target = start_target();
	long result = syscall(SYS_ptrace, PTRACE_SEIZE, target, 0, 0);

	must(target == 2, "the second of the namespace");
	traced(result, PTRACE_SEIZE, target, 0, 0);
	truth_string("targetComm", "the target");
	truth_end();
	end_target(target);
}

/* The numbers there are not those of the host. */
static void trace_in_namespace(void)
{
	must(unshare(CLONE_NEWPID) == 0, "unshare");
	in_child(trace_inside);
}

static void ptrace_act(void)
{
	pid_t child = start_target();
	long result;

	result = syscall(SYS_ptrace, PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL);
	traced(result, PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL);
	truth_string("targetComm", "the target");
	truth_end();
	result = syscall(SYS_ptrace, PTRACE_INTERRUPT, child, 0, 0);
	traced(result, PTRACE_INTERRUPT, child, 0, 0);
	truth_end();
	result = syscall(SYS_ptrace, PTRACE_ATTACH, 0x3fffffff, 0, 0);
	traced(result, PTRACE_ATTACH, 0x3fffffff, 0, 0);
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(26, PTRACE_ATTACH, 0x3fffffff, 4, 8, 0);
	traced(result, PTRACE_ATTACH, 0x3fffffff, 4, 8);
	truth_compat();
	truth_end();
#endif
	end_target(child);
	in_child(trace_me);
	in_child(trace_in_namespace);
}

static void memfd_made(long fd, const char *name, unsigned flags)
{
	truth_begin("memfd", "memfd_create", fd);
	truth_string("name", name);
	truth_number("flags", flags);
	if (fd >= 0) {
		struct stat s;

		must(fstat(fd, &s) == 0, "fstat");
		truth_number("file.inode", s.st_ino);
		truth_number("file.dev", device_number(s.st_dev));
		truth_number("file.mode", s.st_mode);
		/* Without a name, a memfd, no path, and its mode is 0777. */
		truth_number("file.fileFlags", 1 | 2 | 8 | 16);
	} else {
		truth_no_file("file");
	}
}

static void memfd_act(void)
{
	long fd = syscall(SYS_memfd_create, "a \xffname", 1U);

	memfd_made(fd, "a \xffname", 1);
	truth_end();
	fd = syscall(SYS_memfd_create, "name", 0x40000000U);
	memfd_made(fd, "name", 0x40000000U);
	truth_end();
#ifdef HAS_COMPAT
	fd = compat_syscall(356, (long)low_string("compat"), 0, 0, 0, 0);
	memfd_made(fd, "compat", 0);
	truth_compat();
	truth_end();
#endif
}

int main(int argc, char **argv)
{
	static const struct act acts[] = { { "ptrace", ptrace_act }, { "memfd", memfd_act }, { NULL, NULL } };

	return run_act(acts, argc, argv);
}
