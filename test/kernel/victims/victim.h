/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What every victim needs: to do acts and to print, as one JSON object a line, what each was by its own account.
 * Keys are the members of the structs of native/bpf/events.h, in camel case, dots between levels; a string is an object
 * {"bytes": hex}, so that any byte passes. Numbers are decimal.
 */
#ifndef VICTIM_H
#define VICTIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>

/* ---- printing ---- */

static char line[1 << 20];
static size_t line_length;

static void line_add(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line_length += vsnprintf(line + line_length, sizeof(line) - line_length, format, arguments);
	va_end(arguments);
}

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "victim: %s failed: %s\n", what, strerror(errno));
	exit(9);
}

static void truth_number(const char *key, long long value)
{
	line_add(",\"%s\":%lld", key, value);
}

static void truth_bytes(const char *key, const void *bytes, size_t length)
{
	line_add(",\"%s\":{\"bytes\":\"", key);
	for (size_t i = 0; i < length; i++)
		line_add("%02x", ((const uint8_t *)bytes)[i]);
	line_add("\"}");
}

static void truth_string(const char *key, const char *text)
{
	truth_bytes(key, text, strlen(text));
}

/* The string is not there at all. */
static void truth_absent(const char *key)
{
	line_add(",\"%s\":null", key);
}

/* Of prefix.member */
static const char *key_of(const char *prefix, const char *member)
{
	static char key[128];

	snprintf(key, sizeof(key), "%s.%s", prefix, member);
	return key;
}

/* ---- who does it ---- */

/* A field of a /proc stat file, counted from 1 as in proc(5); the name in brackets may hold blanks. */
static long long stat_field(const char *path, int wanted)
{
	char text[4096];
	int fd = open(path, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *at;

	must(length > 0, path);
	close(fd);
	text[length] = 0;
	at = strrchr(text, ')') + 1;
	for (int field = 3; field < wanted; field++)
		at = strchr(at + 1, ' ');
	return strtoll(at + 1, NULL, 10);
}

static unsigned long long status_number(const char *name, int base)
{
	char text[4096], *at;
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	must(length > 0, "/proc/self/status");
	close(fd);
	text[length] = 0;
	at = strstr(text, name);
	must(at != NULL, name);
	return strtoull(at + strlen(name), NULL, base);
}

static long long loginuid(void)
{
	char text[32] = "";
	int fd = open("/proc/self/loginuid", O_RDONLY);

	/* Not there: a kernel without audit, where nobody has one. */
	if (fd < 0)
		return 0xffffffffLL;
	must(read(fd, text, sizeof(text) - 1) > 0, "loginuid");
	close(fd);
	return strtoll(text, NULL, 10);
}

static void truth_namespace(const char *key, const char *path)
{
	struct stat s;

	if (stat(path, &s) == 0)
		truth_number(key, s.st_ino);
}

/* major << 20 | minor, as the kernel has it inside */
static long long device_number(dev_t dev)
{
	return (long long)major(dev) << 20 | minor(dev);
}

static long long tty_number(void)
{
	long long packed = stat_field("/proc/self/stat", 7);

	return ((packed >> 8) & 0xfff) << 20 | (packed & 0xff) | ((packed >> 12) & 0xfff00);
}

/* All of the header that a process knows of itself, as it is now. */
static void truth_who(void)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	struct stat exe;
	char comm[32] = "";
	int fd = open("/proc/thread-self/comm", O_RDONLY);

	must(fd >= 0 && read(fd, comm, sizeof(comm) - 1) > 0, "comm");
	close(fd);
	comm[strcspn(comm, "\n")] = 0;
	getresuid(&ruid, &euid, &suid);
	getresgid(&rgid, &egid, &sgid);
	truth_number("h.vpid", getpid());
	truth_number("h.vtid", syscall(SYS_gettid));
	truth_namespace("h.pidNs", "/proc/self/ns/pid");
	truth_namespace("h.mntNs", "/proc/self/ns/mnt");
	truth_namespace("h.netNs", "/proc/self/ns/net");
	truth_namespace("h.userNs", "/proc/self/ns/user");
	truth_number("h.pidStartTicks", stat_field("/proc/self/stat", 22));
	truth_number("h.tidStartTicks", stat_field("/proc/thread-self/stat", 22));
	truth_number("h.vppid", getppid());
	truth_number("h.vsession", getsid(0));
	truth_number("h.vpgid", getpgid(0));
	truth_number("h.tty", tty_number());
	truth_number("h.uid", ruid);
	truth_number("h.euid", euid);
	truth_number("h.gid", rgid);
	truth_number("h.egid", egid);
	truth_number("h.loginuid", loginuid());
	truth_number("h.capEffective", status_number("CapEff:", 16));
	if (stat("/proc/self/exe", &exe) == 0) {
		truth_number("h.exeDev", device_number(exe.st_dev));
		truth_number("h.exeInode", exe.st_ino);
	}
	truth_string("h.comm", comm);
}

/* ---- one act ---- */

/* Starts a line: an event of this kind, by this call, with this result; errno must be untouched since. */
static void truth_begin(const char *kind, const char *call, long result)
{
	long value = result == -1 ? -errno : result;

	line_length = 0;
	line_add("{\"kind\":\"%s\",\"call\":\"%s\"", kind, call);
	truth_number("h.result", value);
	truth_who();
}

/* The call was made by the 32-bit gate. */
static void truth_compat(void)
{
	truth_number("compat", 1);
}

static void truth_end(void)
{
	line_add("}\n");
	for (size_t done = 0; done < line_length;) {
		ssize_t n = write(1, line + done, line_length - done);

		must(n > 0, "write");
		done += n;
	}
}

/* Where a path that counts from a directory does: "dirPath" and its like. */
static void truth_directory(const char *key, int dirfd)
{
	char path[4096], link[64];
	ssize_t length;

	if (dirfd == AT_FDCWD)
		strcpy(link, "/proc/self/cwd");
	else
		snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
	length = readlink(link, path, sizeof(path));
	must(length > 0, link);
	truth_bytes(key, path, length);
}

/* The file block of an open descriptor, by fstat and /proc. */
static void truth_file(const char *block, int fd)
{
	char path[4096], link[64];
	ssize_t length;
	struct stat s;

	must(fstat(fd, &s) == 0, "fstat");
	truth_number(key_of(block, "inode"), s.st_ino);
	truth_number(key_of(block, "dev"), device_number(s.st_dev));
	truth_number(key_of(block, "mode"), s.st_mode);
	truth_number(key_of(block, "nlink"), s.st_nlink);
	truth_number(key_of(block, "uid"), s.st_uid);
	truth_number(key_of(block, "gid"), s.st_gid);
	truth_number(key_of(block, "ctimeNs"), s.st_ctim.tv_sec * 1000000000LL + s.st_ctim.tv_nsec);
	truth_number(key_of(block, "mtimeNs"), s.st_mtim.tv_sec * 1000000000LL + s.st_mtim.tv_nsec);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path));
	must(length > 0, link);
	if (path[0] == '/')
		truth_bytes(key_of(block, "path"), path, length);
}

static void truth_no_file(const char *block)
{
	truth_number(key_of(block, "mode"), 0);
}

/* Family, port and address of one end. */
static void truth_end_of_socket(const char *block, const char *port, const char *address,
				const struct sockaddr_storage *a)
{
	uint8_t bytes[16] = {};

	if (a->ss_family == AF_INET) {
		memcpy(bytes, &((struct sockaddr_in *)a)->sin_addr, 4);
		truth_number(key_of(block, port), ntohs(((struct sockaddr_in *)a)->sin_port));
		truth_bytes(key_of(block, address), bytes, sizeof(bytes));
	} else if (a->ss_family == AF_INET6) {
		memcpy(bytes, &((struct sockaddr_in6 *)a)->sin6_addr, 16);
		truth_number(key_of(block, port), ntohs(((struct sockaddr_in6 *)a)->sin6_port));
		truth_bytes(key_of(block, address), bytes, sizeof(bytes));
	}
}

/* A unix name as the events have it: abstract ones begin with '@'. */
static void truth_unix_name(const char *key, const struct sockaddr_storage *a, socklen_t length)
{
	const struct sockaddr_un *u = (const void *)a;
	char name[128];
	size_t size = length > 2 ? length - 2 : 0;

	if (a->ss_family != AF_UNIX || size == 0)
		return;
	memcpy(name, u->sun_path, size);
	if (name[0] == 0)
		name[0] = '@';
	else
		size = strnlen(name, size);
	truth_bytes(key, name, size);
}

/* The socket block of a descriptor, by getsockopt, getsockname and getpeername. */
static void truth_socket(const char *block, int fd)
{
	struct sockaddr_storage a = {};
	socklen_t length = sizeof(a);
	int value;
	socklen_t value_length = sizeof(value);
	struct stat s;

	must(fstat(fd, &s) == 0, "fstat");
	truth_number(key_of(block, "inode"), s.st_ino);
	must(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &value_length) == 0, "SO_DOMAIN");
	truth_number(key_of(block, "family"), value);
	must(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &value_length) == 0, "SO_TYPE");
	truth_number(key_of(block, "type"), value);
	must(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &value, &value_length) == 0, "SO_PROTOCOL");
	truth_number(key_of(block, "protocol"), value);
	must(getsockname(fd, (void *)&a, &length) == 0, "getsockname");
	truth_end_of_socket(block, "localPort", "local", &a);
	truth_unix_name(key_of(block, "unixPath"), &a, length);
	length = sizeof(a);
	if (getpeername(fd, (void *)&a, &length) == 0) {
		truth_end_of_socket(block, "remotePort", "remote", &a);
		truth_unix_name(key_of(block, "unixPeerPath"), &a, length);
	}
}

/* ---- tools ---- */

/* Runs an act in a child, which must end well. */
static void in_child(void (*act)(void))
{
	int status;
	pid_t child = fork();

	must(child >= 0, "fork");
	if (child == 0) {
		act();
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child && status == 0, "the child");
}

static void make_file(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);

	must(fd >= 0 && write(fd, "content\n", 8) == 8, path);
	close(fd);
	chmod(path, mode);
}

#if defined(__x86_64__)
#define HAS_COMPAT 1

/* A system call through the 32-bit gate, as a 32-bit program makes it. Returns like syscall(2). */
static long compat_syscall(long number, long a, long b, long c, long d, long e)
{
	long result = number;

	asm volatile("int $0x80"
		     : "+a"(result)
		     : "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
		     : "memory", "r8", "r9", "r10", "r11");
	if ((int)result < 0 && (int)result > -4096) {
		errno = -(int)result;
		return -1;
	}
	return (int)result;
}

/* Memory that a 32-bit pointer reaches. */
static void *low_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	must(memory != MAP_FAILED, "mmap");
	return memory;
}

static char *low_string(const char *text)
{
	return strcpy(low_memory(strlen(text) + 1), text);
}
#endif

/* Runs the named act of a table. */
struct act {
	const char *name;
	void (*run)(void);
};

static int run_act(const struct act *acts, int argc, char **argv)
{
	for (; argc > 1 && acts->name; acts++) {
		if (strcmp(acts->name, argv[1]) == 0) {
			acts->run();
			return 0;
		}
	}
	fprintf(stderr, "victim: no such act\n");
	return 9;
}

#endif
