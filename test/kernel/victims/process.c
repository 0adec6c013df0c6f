// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Makes processes and threads, runs programs, ends. Runs in a directory of its own that everybody may enter. */
#include "victim.h"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>

/* ---- fork ---- */

static void forked(long child, long flags)
{
	char path[64];

	truth_begin("fork", "", child);
	truth_number("childTid", child);
	truth_number("childPid", child);
	truth_number("childVtid", child);
	truth_number("childVpid", child);
	truth_number("childPpid", getpid());
	truth_number("cloneFlags", flags);
	snprintf(path, sizeof(path), "/proc/%ld/stat", child);
	truth_number("childPidStartTicks", stat_field(path, 22));
	truth_end();
}

/* The child waits to be looked at. */
static void fork_and_look(long (*make)(void), long flags)
{
	long child = make();

	must(child >= 0, "fork");
	if (child == 0) {
		pause();
		_exit(0);
	}
	forked(child, flags);
	kill(child, SIGKILL);
	must(waitpid(child, NULL, 0) == child, "waitpid");
}

static long by_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long by_clone3(void)
{
	struct clone_args arguments = { .exit_signal = SIGCHLD };

	return syscall(SYS_clone3, &arguments, sizeof(arguments));
}

static void by_vfork(void)
{
	pid_t child = vfork();

	if (child == 0)
		_exit(0);
	truth_begin("fork", "", child);
	truth_number("childPid", child);
	truth_number("cloneFlags", CLONE_VM);
	truth_end();
	must(waitpid(child, NULL, 0) == child, "waitpid");
}

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWUSER)

static long into_namespaces(void)
{
	return syscall(SYS_clone, NAMESPACES | SIGCHLD, 0, 0, 0, 0);
}

static long with_shared_files(void)
{
	return syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, 0, 0, 0, 0);
}

struct seen {
	long tid;
	long long start_ticks;
};

static void *look(void *to)
{
	struct seen *seen = to;

	seen->tid = syscall(SYS_gettid);
	seen->start_ticks = stat_field("/proc/thread-self/stat", 22);
	return NULL;
}

static void by_thread(void)
{
	struct seen seen;
	pthread_t thread;

	must(pthread_create(&thread, NULL, look, &seen) == 0, "pthread_create");
	pthread_join(thread, NULL);
	truth_begin("fork", "", seen.tid);
	truth_number("childTid", seen.tid);
	truth_number("childPid", getpid());
	truth_number("childTidStartTicks", seen.start_ticks);
	truth_number("cloneFlags", CLONE_THREAD | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND);
	truth_end();
}

/* With a new pid namespace for its children, of whom the first has number 1 there. */
static void into_pid_namespace(void)
{
	int ready[2];
	char byte;
	struct stat inside;
	pid_t child;

	must(pipe(ready) == 0 && unshare(CLONE_NEWPID) == 0, "unshare");
	child = fork();
	if (child == 0) {
		must(getpid() == 1 && write(ready[1], "x", 1) == 1, "write");
		pause();
		_exit(0);
	}
	must(read(ready[0], &byte, 1) == 1, "read");
	must(stat("/proc/self/ns/pid_for_children", &inside) == 0, "stat");
	truth_begin("fork", "", child);
	truth_number("childVpid", 1);
	truth_number("childPidNs", inside.st_ino);
	truth_number("cloneFlags", CLONE_NEWPID);
	/* fork(2) gave the number in the caller's namespace. */
	truth_number("childPidSeen", child);
	truth_end();
	kill(child, SIGKILL);
	must(waitpid(child, NULL, 0) == child, "waitpid");
}

/* With a terminal of its own. */
static void on_terminal(void)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	int unlocked = 0, number;
	char path[64];
	int terminal = -1;

	must(master >= 0 && ioctl(master, TIOCSPTLCK, &unlocked) == 0 && ioctl(master, TIOCGPTN, &number) == 0,
	     "ptmx");
	snprintf(path, sizeof(path), "/dev/pts/%d", number);
	must(setsid() > 0 && (terminal = open(path, O_RDWR)) >= 0, path);
	ioctl(terminal, TIOCSCTTY, 0);
	fork_and_look(by_fork, 0);
}

static void fork_act(void)
{
	fork_and_look(by_fork, 0);
	fork_and_look(by_clone3, 0);
	fork_and_look(into_namespaces, NAMESPACES);
	fork_and_look(with_shared_files, CLONE_FILES | CLONE_FS);
	by_vfork();
	by_thread();
	in_child(into_pid_namespace);
	in_child(on_terminal);
}

/* ---- exit ---- */

static void ended(pid_t child, int status)
{
	line_length = 0;
	line_add("{\"kind\":\"exit\",\"call\":\"\"");
	truth_number("h.vpid", child);
	truth_number("h.vtid", child);
	truth_number("exitCode", status);
	truth_number("groupDead", 1);
	truth_end();
}

static void end_with(void (*act)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		act();
	must(waitpid(child, &status, 0) == child, "waitpid");
	ended(child, status);
}

static void status_seven(void)
{
	_exit(7);
}

static void killed(void)
{
	kill(getpid(), SIGKILL);
	pause();
}

static void aborted(void)
{
	signal(SIGTERM, SIG_DFL);
	raise(SIGTERM);
}

static void *thread_end(void *unused)
{
	truth_begin("exit", "", 0);
	truth_number("groupDead", 0);
	truth_number("exitCode", 0);
	truth_end();
	return unused;
}

static void exit_act(void)
{
	pthread_t thread;

	end_with(status_seven);
	end_with(killed);
	end_with(aborted);
	must(pthread_create(&thread, NULL, thread_end, NULL) == 0, "pthread_create");
	pthread_join(thread, NULL);
}

/* ---- exec: the new image tells of itself ---- */

static void truth_stdio(const char *file, const char *sock, int fd)
{
	struct stat s;

	if (fstat(fd, &s) != 0) {
		truth_no_file(file);
		return;
	}
	truth_number(key_of(file, "inode"), s.st_ino);
	truth_number(key_of(file, "mode"), s.st_mode);
	if (S_ISSOCK(s.st_mode))
		truth_socket(sock, fd);
	else
		truth_number(key_of(sock, "family"), 0);
}

/* False: too long to be whole. */
static bool truth_arguments(int argc, char **argv)
{
	static char joined[1 << 20];
	size_t length = 0;

	for (int i = 0; i < argc; i++) {
		strcpy(joined + length, argv[i]);
		length += strlen(argv[i]) + 1;
	}
	truth_number("argc", argc);
	if (length <= 4096) {
		truth_bytes("args", joined, length - 1);
		return true;
	}
	/* Longer than the limit: flagged, and what is there is a true beginning. */
	truth_bytes("argsBeginWith", joined, 4000);
	truth_number("h.flags", 1);
	return false;
}

/* argv[1] "image"; argv[2], where there is one, says what should be so that the image cannot know. */
static int image(int argc, char **argv)
{
	int first = open("/proc/self/exe", O_RDONLY);
	/* Out of the way: the lowest free number may be that of standard input. */
	int exe = fcntl(first, F_DUPFD, 10);
	const char *expected = argc > 2 ? argv[2] : "";
	bool memfd = strcmp(expected, "memfd") == 0;
	bool script = strstr(expected, "script") != NULL;
	int flags = strcmp(expected, "setid") == 0 ? 4 : 0;

	close(first);
	if (geteuid() == 0 || strcmp(expected, "writable") == 0)
		flags |= 8;

	truth_begin("exec", strstr(expected, "execveat") || memfd ? "execveat" : "execve", 0);
	if (memfd) {
		truth_number("exe.fileFlags", 1 | 2 | 8 | 16); /* without a name, a memfd, no path, mode 0777 */
	} else {
		truth_file("exe", exe);
		truth_string("path", (char *)getauxval(AT_EXECFN));
	}
	truth_directory("cwd", AT_FDCWD);
	if (!truth_arguments(argc, argv))
		flags |= 1;
	truth_number("execFlags", flags);
	truth_number("capPermitted", status_number("CapPrm:", 16));
	truth_number("capInheritable", status_number("CapInh:", 16));
	truth_stdio("stdinFile", "stdinSock", 0);
	truth_stdio("stdoutFile", "stdoutSock", 1);
	if (getenv("VICTIM_ENV"))
		truth_string("env", environ[0]);
	else
		truth_absent("env");
	if (script)
		truth_string("interpreter", argv[0]);
	else
		truth_absent("interpreter");
	truth_end();
	return 0;
}

static char own_path[4096];

static void copy_self(const char *to, mode_t mode)
{
	char command[8300];

	snprintf(command, sizeof(command), "cp '%s' '%s'", own_path, to);
	must(system(command) == 0 && chmod(to, mode) == 0, command);
}

static void run(char **argv)
{
	char *none[] = { NULL };

	execve(own_path, argv, none);
	must(false, "execve");
}

static void exec_plain(void)
{
	char *argv[] = { "a name", "image", "root", "", "new\nline", "\xff\x1b[0m", NULL };

	run(argv);
}

static void exec_long(void)
{
	static char big[10000];
	char *argv[] = { "a name", "image", "root", big, NULL };

	memset(big, 'x', sizeof(big) - 1);
	run(argv);
}

/* 4096 bytes with the NULs: the longest that is whole. */
static void exec_longest(void)
{
	static char big[4096 - sizeof("a name") - sizeof("image") - sizeof("root")];
	char *argv[] = { "a name", "image", "root", big, NULL };

	memset(big, 'y', sizeof(big) - 1);
	run(argv);
}

static void exec_as_user(void)
{
	char *argv[] = { "by-user", "image", "user", NULL };

	must(setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0, "setresuid");
	run(argv);
}

static void exec_writable(void)
{
	char *argv[] = { "by-user", "image", "writable", NULL };
	char *none[] = { NULL };

	must(setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0, "setresuid");
	execve("writable", argv, none);
	must(false, "execve");
}

static void exec_setid(void)
{
	char *argv[] = { "setid", "image", "setid", NULL };
	char *none[] = { NULL };

	must(setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0, "setresuid");
	execve("./setid", argv, none);
	must(false, "execve");
}

static void exec_script(void)
{
	char *none[] = { NULL };
	char *argv[] = { "not seen", "script", NULL };
	char text[8192];
	int fd = open("victim-script", O_CREAT | O_WRONLY, 0755);

	must(fd >= 0, "victim-script");
	snprintf(text, sizeof(text), "#!%s image\n", own_path);
	must(write(fd, text, strlen(text)) > 0, "write");
	close(fd);
	/* argv becomes: interpreter, "image", the script's path, "script". */
	execve("./victim-script", argv, none);
	must(false, "execve");
}

static void exec_by_memfd(void)
{
	char *none[] = { NULL };
	char *argv[] = { "nowhere", "image", "memfd", NULL };
	char command[8300];
	int fd = syscall(SYS_memfd_create, "victim", 0);

	snprintf(command, sizeof(command), "cat '%s' >/proc/%d/fd/%d", own_path, getpid(), fd);
	must(fd >= 0 && system(command) == 0, command);
	syscall(SYS_execveat, fd, "", argv, none, AT_EMPTY_PATH);
	must(false, "execveat");
}

static void exec_at(void)
{
	char *none[] = { NULL };
	char *argv[] = { "at", "image", "execveat", NULL };
	int dirfd = open(".", O_PATH | O_DIRECTORY);

	syscall(SYS_execveat, dirfd, "writable", argv, none, 0);
	must(false, "execveat");
}

static void exec_with_sockets(void)
{
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t length = sizeof(a);
	char *argv[] = { "shell", "image", "root", NULL };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(bind(listening, (void *)&a, sizeof(a)) == 0 && listen(listening, 1) == 0, "listen");
	must(getsockname(listening, (void *)&a, &length) == 0, "getsockname");
	must(connect(fd, (void *)&a, sizeof(a)) == 0 && dup2(fd, 0) == 0, "connect");
	run(argv);
}

static void exec_without_stdin(void)
{
	char *argv[] = { "closed", "image", "root", NULL };

	/* The loader and the C library leave it closed; so does the image, until it has told. */
	close(0);
	run(argv);
}

static void *run_in_thread(void *unused)
{
	char *argv[] = { "threaded", "image", "root", NULL };

	run(argv);
	return unused;
}

/* The thread takes the place, number and start of the first one, which ends. */
static void exec_in_thread(void)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, run_in_thread, NULL) == 0, "pthread_create");
	pause();
}

static void failed(const char *call, long result, const char *path)
{
	truth_begin("exec", call, result);
	if (path)
		truth_string("path", path);
	else
		truth_absent("path");
	if (!path)
		truth_number("h.flags", 64); /* unreadable */
	truth_absent("args");
	truth_directory("cwd", AT_FDCWD);
	truth_number("exe.mode", 0);
	truth_end();
}

static void exec_failing(void)
{
	char *argv[] = { "x", NULL };
	int dirfd = open(".", O_PATH | O_DIRECTORY);
	long result = syscall(SYS_execve, "./missing program", argv, NULL);

	failed("execve", result, "./missing program");
	make_file("not-executable", 0644);
	result = syscall(SYS_execve, "not-executable", argv, NULL);
	failed("execve", result, "not-executable");
	result = syscall(SYS_execve, (char *)1, argv, NULL);
	failed("execve", result, NULL);
	result = syscall(SYS_execveat, dirfd, "missing", argv, NULL, 0);
	failed("execveat", result, "missing");
#ifdef HAS_COMPAT
	result = compat_syscall(11, (long)low_string("/missing/by/compat"), 0, 0, 0, 0);
	truth_begin("exec", "execve", result);
	truth_string("path", "/missing/by/compat");
	truth_compat();
	truth_end();
#endif
}

/* A 32-bit call that succeeds: the new image is a 64-bit one all the same. */
static void exec_by_compat(void)
{
#ifdef HAS_COMPAT
	char *path = low_string(own_path);
	uint32_t *argv = low_memory(16);

	argv[0] = (uintptr_t)low_string("compat");
	argv[1] = (uintptr_t)low_string("image");
	compat_syscall(11, (long)path, (long)argv, 0, 0, 0);
	must(false, "execve");
#endif
}

static void exec_act(void)
{
	copy_self("writable", 0777);
	copy_self("setid", 04755);
	in_child(exec_plain);
	in_child(exec_long);
	in_child(exec_longest);
	in_child(exec_as_user);
	in_child(exec_writable);
	in_child(exec_setid);
	in_child(exec_script);
	in_child(exec_by_memfd);
	in_child(exec_at);
	in_child(exec_with_sockets);
	in_child(exec_without_stdin);
	in_child(exec_by_compat);
	in_child(exec_in_thread);
	exec_failing();
}

/* The environment is in the record only when the plan asks for it. */
static void environment_act(void)
{
	char *argv[] = { "with", "image", NULL };
	char *environment[] = { "VICTIM_ENV=a value", NULL };

	execve(own_path, argv, environment);
	must(false, "execve");
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "fork", fork_act },
		{ "exit", exit_act },
		{ "exec", exec_act },
		{ "environment", environment_act },
		{ NULL, NULL },
	};
	ssize_t length = readlink("/proc/self/exe", own_path, sizeof(own_path) - 1);

	if (argc > 1 && strcmp(argv[1], "image") == 0)
		return image(argc, argv);
	must(length > 0, "/proc/self/exe");
	return run_act(acts, argc, argv);
}
