// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Opens, duplicates, and changes names, modes and owners. Runs in a directory of its own. */
#include "victim.h"

#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>

/* ---- open ---- */

static void opened(const char *call, long fd, const char *name, int dirfd, int flags, int mode)
{
	truth_begin("open", call, fd);
	truth_string("name", name);
	truth_number("dirfd", dirfd);
	truth_number("flags", flags);
	truth_number("mode", mode);
	if (name[0] == '/')
		truth_absent("dirPath");
	else
		truth_directory("dirPath", dirfd);
	if (fd >= 0) {
		truth_file("file", fd);
		close(fd);
	} else {
		truth_no_file("file");
	}
}

static void open_created(void)
{
	int flags = O_RDWR | O_CREAT | O_EXCL;
	const char *name = "created \n\x1b[31m\xff.txt";
	long fd = syscall(SYS_openat, AT_FDCWD, name, flags, 0640);

	opened("openat", fd, name, AT_FDCWD, flags, 0640);
	truth_number("file.fileFlags", 4);
	truth_number("h.flags", 16); /* the name is from user memory */
	truth_end();

	fd = syscall(SYS_openat, AT_FDCWD, name, flags, 0640);
	opened("openat", fd, name, AT_FDCWD, flags, 0640);
	truth_end();
}

static void open_relative(void)
{
	int dirfd = open("below", O_PATH | O_DIRECTORY);
	long fd = syscall(SYS_openat, dirfd, "../below/./inner", O_RDONLY, 0);

	opened("openat", fd, "../below/./inner", dirfd, O_RDONLY, 0);
	truth_end();
	close(dirfd);
}

/* The path is the one of what was opened, not of the link. */
static void open_by_link(void)
{
	char name[4200];
	long fd;

	must(getcwd(name, 4096) != NULL, "getcwd");
	strcat(name, "/link-to-inner");
	fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND, 0);
	opened("openat", fd, name, AT_FDCWD, O_WRONLY | O_APPEND, 0);
	truth_end();
}

static void open_openat2(void)
{
	struct open_how how = {
		.flags = O_CREAT | O_WRONLY,
		.mode = 0600,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	long fd = syscall(SYS_openat2, AT_FDCWD, "by-openat2", &how, sizeof(how));

	opened("openat2", fd, "by-openat2", AT_FDCWD, how.flags, how.mode);
	truth_number("resolve", how.resolve);
	truth_end();

	how.flags = O_RDONLY;
	how.mode = 0;
	fd = syscall(SYS_openat2, AT_FDCWD, "link-to-inner", &how, sizeof(how));
	opened("openat2", fd, "link-to-inner", AT_FDCWD, how.flags, how.mode);
	truth_number("resolve", how.resolve);
	truth_end();
}

static void open_failing(void)
{
	long fd = syscall(SYS_openat, AT_FDCWD, "missing", O_RDONLY, 0);

	opened("openat", fd, "missing", AT_FDCWD, O_RDONLY, 0);
	truth_end();

	fd = syscall(SYS_openat, AT_FDCWD, (char *)1, O_RDONLY, 0);
	truth_begin("open", "openat", fd);
	truth_absent("name");
	truth_no_file("file");
	truth_number("h.flags", 64);
	truth_end();
}

/* As a user to whom the file is closed. */
static void open_forbidden(void)
{
	long fd;

	must(setgroups(0, NULL) == 0 && setresgid(1000, 1000, 1000) == 0 &&
		     setresuid(1000, 1000, 1000) == 0,
	     "setresuid");
	fd = syscall(SYS_openat, AT_FDCWD, "secret", O_RDONLY, 0);
	opened("openat", fd, "secret", AT_FDCWD, O_RDONLY, 0);
	truth_end();
}

static void open_old_calls(void)
{
#ifdef SYS_open
	long fd = syscall(SYS_open, "by-open", O_CREAT | O_RDWR, 0604);

	opened("open", fd, "by-open", AT_FDCWD, O_CREAT | O_RDWR, 0604);
	truth_end();
	fd = syscall(SYS_open, "nowhere/by-open", O_RDWR, 0);
	opened("open", fd, "nowhere/by-open", AT_FDCWD, O_RDWR, 0);
	truth_end();
	fd = syscall(SYS_creat, "by-creat", 0611);
	opened("creat", fd, "by-creat", AT_FDCWD, O_CREAT | O_WRONLY | O_TRUNC, 0611);
	truth_end();
	fd = syscall(SYS_creat, "nowhere/by-creat", 0611);
	opened("creat", fd, "nowhere/by-creat", AT_FDCWD, O_CREAT | O_WRONLY | O_TRUNC, 0611);
	truth_end();
#endif
}

static void open_compat(void)
{
#ifdef HAS_COMPAT
	long fd = compat_syscall(295, AT_FDCWD, (long)low_string("by-compat"), O_CREAT | O_RDWR, 0600, 0);

	opened("openat", fd, "by-compat", AT_FDCWD, O_CREAT | O_RDWR, 0600);
	truth_compat();
	truth_end();
	fd = compat_syscall(5, (long)low_string("missing"), O_RDONLY, 0, 0, 0);
	opened("open", fd, "missing", AT_FDCWD, O_RDONLY, 0);
	truth_compat();
	truth_end();
#endif
}

/* As an x32 program opens; without x32 in the kernel this is ENOSYS, which is an event as well. */
static void open_x32(void)
{
#ifdef HAS_COMPAT
	long fd = syscall(0x40000000 | SYS_openat, AT_FDCWD, "below/inner", O_RDONLY, 0);

	opened("openat", fd, "below/inner", AT_FDCWD, O_RDONLY, 0);
	truth_end();
#endif
}

/* The path as the namespace has it, with the place where the process's own root begins. */
static void open_in_chroot(void)
{
	char root[4200];
	long fd;
	struct stat s;

	must(getcwd(root, 4096) != NULL && stat("below/inner", &s) == 0, "getcwd");
	strcat(root, "/below");
	must(chroot(root) == 0 && chdir("/") == 0, "chroot");
	fd = syscall(SYS_openat, AT_FDCWD, "/inner", O_RDONLY, 0);
	line_length = 0;
	line_add("{\"kind\":\"open\",\"call\":\"openat\"");
	truth_number("h.result", fd);
	truth_number("h.vpid", getpid());
	truth_number("h.vtid", getpid());
	truth_number("file.pathRootOffset", strlen(root));
	strcat(root, "/inner");
	truth_string("file.path", root);
	truth_number("file.inode", s.st_ino);
	truth_string("name", "/inner");
	truth_end();
}

static void *open_in_thread(void *unused)
{
	long fd = syscall(SYS_openat, AT_FDCWD, "below/inner", O_RDONLY, 0);

	opened("openat", fd, "below/inner", AT_FDCWD, O_RDONLY, 0);
	truth_number("h.flags", 16 | 32); /* the file table is shared */
	truth_end();
	return unused;
}

static void open_deleted(void)
{
	int deleted = open("to-be-deleted", O_CREAT | O_RDWR, 0600);
	char link[64];
	struct stat s;
	long fd;

	must(deleted >= 0 && unlink("to-be-deleted") == 0 && fstat(deleted, &s) == 0, "unlink");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", deleted);
	fd = syscall(SYS_openat, AT_FDCWD, link, O_RDONLY, 0);
	truth_begin("open", "openat", fd);
	truth_string("name", link);
	truth_number("file.inode", s.st_ino);
	truth_number("file.nlink", 0);
	truth_number("file.fileFlags", 1);
	truth_end();
}

/* Of the longest name that there is, and of one that is longer: the first is whole, the second cut. */
static void open_long_names(void)
{
	char name[5000] = "";
	long fd;

	while (strlen(name) < 4094)
		strcat(name, "./");
	strcat(name, "f");
	make_file("f", 0600);
	fd = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY, 0);
	must(fd >= 0 && strlen(name) == 4095, "the longest name");
	opened("openat", fd, name, AT_FDCWD, O_RDONLY, 0);
	truth_number("h.flags", 16);
	truth_end();
	strcat(name, "oo");
	fd = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY, 0);
	truth_begin("open", "openat", fd);
	truth_bytes("name", name, 4095);
	truth_number("h.flags", 16 | 1);
	truth_end();
}

#define LEVELS 20

/* Deeper than any name reaches: what is there of the path is its end. */
static void open_deep(void)
{
	char component[251], tail[600];
	int fds[LEVELS + 1], level;
	struct stat s;
	long fd;

	memset(component, 'd', 250);
	component[250] = 0;
	fds[0] = open(".", O_RDONLY | O_DIRECTORY);
	for (level = 0; level < LEVELS; level++) {
		must(mkdirat(fds[level], component, 0700) == 0, "mkdirat");
		fds[level + 1] = openat(fds[level], component, O_RDONLY | O_DIRECTORY);
	}
	fd = syscall(SYS_openat, fds[LEVELS], "deep", O_CREAT | O_RDWR, 0600);
	must(fd >= 0 && fstat(fd, &s) == 0, "deep");
	truth_begin("open", "openat", fd);
	truth_string("name", "deep");
	truth_number("file.inode", s.st_ino);
	snprintf(tail, sizeof(tail), "/%s/%s/deep", component, component);
	truth_string("file.pathEndsWith", tail);
	truth_number("h.flags", 16 | 2);
	truth_end();
	/* Nobody else could remove it by name. */
	unlinkat(fds[LEVELS], "deep", 0);
	while (level-- > 0)
		must(unlinkat(fds[level], component, AT_REMOVEDIR) == 0, "unlinkat");
}

/* On a mount that is in no namespace any more: it has no path from a root. */
static void open_detached(void)
{
	int dirfd;
	long fd;
	struct stat s;

	must(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "unshare");
	must(mkdir("mounted", 0700) == 0 && mount("none", "mounted", "tmpfs", 0, NULL) == 0, "mount");
	dirfd = open("mounted", O_RDONLY | O_DIRECTORY);
	must(dirfd >= 0 && umount2("mounted", MNT_DETACH) == 0, "umount2");
	fd = syscall(SYS_openat, dirfd, "detached", O_CREAT | O_RDWR, 0600);
	must(fd >= 0 && fstat(fd, &s) == 0, "detached");
	truth_begin("open", "openat", fd);
	truth_string("name", "detached");
	truth_number("file.inode", s.st_ino);
	truth_string("file.path", "/detached");
	truth_number("h.flags", 16 | 2);
	truth_end();
}

static void open_act(void)
{
	pthread_t thread;

	must(mkdir("below", 0755) == 0 && symlink("below/inner", "link-to-inner") == 0, "mkdir");
	make_file("below/inner", 0644);
	make_file("secret", 0600);
	open_created();
	open_relative();
	open_by_link();
	open_openat2();
	open_failing();
	in_child(open_forbidden);
	open_old_calls();
	open_compat();
	open_x32();
	in_child(open_in_chroot);
	in_child(open_long_names);
	in_child(open_deep);
	in_child(open_detached);
	open_deleted();
	must(pthread_create(&thread, NULL, open_in_thread, NULL) == 0, "pthread_create");
	pthread_join(thread, NULL);
}

/* ---- dup ---- */

static void duplicated(const char *call, long result, int old_fd, int new_fd, int flags)
{
	truth_begin("dup", call, result);
	truth_number("oldFd", old_fd);
	truth_number("newFd", new_fd);
	truth_number("flags", flags);
}

static void dup_act(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	int sock = socket(AF_INET, SOCK_STREAM, 0);
	long result = syscall(SYS_dup, fd);

	duplicated("dup", result, fd, result, 0);
	truth_file("file", fd);
	truth_number("sock.family", 0);
	truth_end();

	result = syscall(SYS_dup3, sock, 60, O_CLOEXEC);
	duplicated("dup3", result, sock, 60, O_CLOEXEC);
	truth_socket("sock", sock);
	truth_end();

	result = syscall(SYS_dup, 999);
	duplicated("dup", result, 999, -EBADF, 0);
	truth_end();

	result = syscall(SYS_dup3, fd, fd, 0);
	duplicated("dup3", result, fd, fd, 0);
	truth_end();

	result = fcntl(fd, F_DUPFD_CLOEXEC, 70);
	duplicated("fcntl", result, fd, result, 0);
	truth_file("file", fd);
	truth_end();
#ifdef SYS_dup2
	result = syscall(SYS_dup2, fd, 61);
	duplicated("dup2", result, fd, 61, 0);
	truth_file("file", fd);
	truth_end();
#endif
#ifdef HAS_COMPAT
	result = compat_syscall(63, fd, 62, 0, 0, 0);
	duplicated("dup2", result, fd, 62, 0);
	truth_file("file", fd);
	truth_compat();
	truth_end();
	/* fcntl64, with a command that duplicates and one that does not. */
	compat_syscall(221, fd, F_GETFD, 0, 0, 0);
	result = compat_syscall(221, fd, F_DUPFD, 63, 0, 0);
	duplicated("fcntl", result, fd, result, 0);
	truth_compat();
	truth_end();
#endif
}

/* ---- names ---- */

static void named(const char *kind, const char *call, long result, const char *name, int dirfd)
{
	truth_begin(kind, call, result);
	truth_string("name", name);
	truth_number("dirfd", dirfd);
	if (name[0] == '/')
		truth_absent("dirPath");
	else
		truth_directory("dirPath", dirfd);
}

static void unlink_act(void)
{
	int dirfd = open(".", O_RDONLY | O_DIRECTORY);
	long result;

	make_file("a", 0600);
	make_file("b", 0600);
	mkdir("c", 0700);
	mkdir("d", 0700);
	result = syscall(SYS_unlinkat, dirfd, "a", 0);
	named("unlink", "unlinkat", result, "a", dirfd);
	truth_number("flags", 0);
	truth_end();
	result = syscall(SYS_unlinkat, AT_FDCWD, "./c", AT_REMOVEDIR);
	named("unlink", "unlinkat", result, "./c", AT_FDCWD);
	truth_number("flags", AT_REMOVEDIR);
	truth_end();
	result = syscall(SYS_unlinkat, AT_FDCWD, "/nowhere/at/all", 0);
	named("unlink", "unlinkat", result, "/nowhere/at/all", AT_FDCWD);
	truth_end();
#ifdef SYS_unlink
	result = syscall(SYS_unlink, "b");
	named("unlink", "unlink", result, "b", AT_FDCWD);
	truth_end();
	result = syscall(SYS_unlink, "b");
	named("unlink", "unlink", result, "b", AT_FDCWD);
	truth_end();
	result = syscall(SYS_rmdir, "d");
	named("unlink", "rmdir", result, "d", AT_FDCWD);
	truth_end();
	result = syscall(SYS_rmdir, "d");
	named("unlink", "rmdir", result, "d", AT_FDCWD);
	truth_end();
#endif
#ifdef HAS_COMPAT
	make_file("e", 0600);
	result = compat_syscall(301, dirfd, (long)low_string("e"), 0, 0, 0);
	named("unlink", "unlinkat", result, "e", dirfd);
	truth_compat();
	truth_end();
	result = compat_syscall(10, (long)low_string("e"), 0, 0, 0, 0);
	named("unlink", "unlink", result, "e", AT_FDCWD);
	truth_compat();
	truth_end();
#endif
}

static void mkdir_act(void)
{
	int dirfd = open(".", O_RDONLY | O_DIRECTORY);
	long result = syscall(SYS_mkdirat, dirfd, "one", 0751);

	named("mkdir", "mkdirat", result, "one", dirfd);
	truth_number("mode", 0751);
	truth_end();
	result = syscall(SYS_mkdirat, AT_FDCWD, "one", 0700);
	named("mkdir", "mkdirat", result, "one", AT_FDCWD);
	truth_end();
#ifdef SYS_mkdir
	result = syscall(SYS_mkdir, "two", 01777);
	named("mkdir", "mkdir", result, "two", AT_FDCWD);
	truth_number("mode", 01777);
	truth_end();
	result = syscall(SYS_mkdir, "/nowhere/two", 0700);
	named("mkdir", "mkdir", result, "/nowhere/two", AT_FDCWD);
	truth_end();
#endif
#ifdef HAS_COMPAT
	result = compat_syscall(296, dirfd, (long)low_string("three"), 0700, 0, 0);
	named("mkdir", "mkdirat", result, "three", dirfd);
	truth_number("mode", 0700);
	truth_compat();
	truth_end();
#endif
}

/* rename and link: two names, each with its directory */
static void renamed(const char *kind, const char *call, long result, int old_dirfd, const char *old_name,
		    int new_dirfd, const char *new_name, int flags)
{
	truth_begin(kind, call, result);
	truth_string("oldName", old_name);
	truth_string("newName", new_name);
	truth_number("oldDirfd", old_dirfd);
	truth_number("newDirfd", new_dirfd);
	truth_number("flags", flags);
	truth_directory("oldDirPath", old_dirfd);
	truth_directory("newDirPath", new_dirfd);
}

static void rename_act(void)
{
	int dirfd;
	long result;

	must(mkdir("dir", 0700) == 0, "mkdir");
	dirfd = open("dir", O_RDONLY | O_DIRECTORY);
	make_file("a", 0600);
	make_file("dir/b", 0600);
	result = syscall(SYS_renameat2, AT_FDCWD, "a", dirfd, "b", 1 << 1); /* RENAME_EXCHANGE */
	renamed("rename", "renameat2", result, AT_FDCWD, "a", dirfd, "b", 1 << 1);
	truth_end();
	result = syscall(SYS_renameat2, AT_FDCWD, "a", dirfd, "b", 1 << 0); /* RENAME_NOREPLACE */
	renamed("rename", "renameat2", result, AT_FDCWD, "a", dirfd, "b", 1 << 0);
	truth_end();
	result = syscall(SYS_renameat, dirfd, "b", AT_FDCWD, "c");
	renamed("rename", "renameat", result, dirfd, "b", AT_FDCWD, "c", 0);
	truth_end();
#ifdef SYS_rename
	result = syscall(SYS_rename, "c", "d");
	renamed("rename", "rename", result, AT_FDCWD, "c", AT_FDCWD, "d", 0);
	truth_end();
	result = syscall(SYS_rename, "c", "d");
	renamed("rename", "rename", result, AT_FDCWD, "c", AT_FDCWD, "d", 0);
	truth_end();
#endif
#ifdef HAS_COMPAT
	result = compat_syscall(38, (long)low_string("d"), (long)low_string("e"), 0, 0, 0);
	renamed("rename", "rename", result, AT_FDCWD, "d", AT_FDCWD, "e", 0);
	truth_compat();
	truth_end();
	result = compat_syscall(302, dirfd, (long)low_string("x"), AT_FDCWD, (long)low_string("y"), 0);
	renamed("rename", "renameat", result, dirfd, "x", AT_FDCWD, "y", 0);
	truth_compat();
	truth_end();
#endif
}

static void link_act(void)
{
	int dirfd;
	long result;

	must(mkdir("dir", 0700) == 0, "mkdir");
	dirfd = open("dir", O_RDONLY | O_DIRECTORY);
	make_file("a", 0600);
	result = syscall(SYS_linkat, AT_FDCWD, "a", dirfd, "b", AT_SYMLINK_FOLLOW);
	renamed("link", "linkat", result, AT_FDCWD, "a", dirfd, "b", AT_SYMLINK_FOLLOW);
	truth_end();
	result = syscall(SYS_linkat, AT_FDCWD, "a", dirfd, "b", 0);
	renamed("link", "linkat", result, AT_FDCWD, "a", dirfd, "b", 0);
	truth_end();
#ifdef SYS_link
	result = syscall(SYS_link, "a", "c");
	renamed("link", "link", result, AT_FDCWD, "a", AT_FDCWD, "c", 0);
	truth_end();
	result = syscall(SYS_link, "missing", "c");
	renamed("link", "link", result, AT_FDCWD, "missing", AT_FDCWD, "c", 0);
	truth_end();
#endif
#ifdef HAS_COMPAT
	result = compat_syscall(9, (long)low_string("a"), (long)low_string("d"), 0, 0, 0);
	renamed("link", "link", result, AT_FDCWD, "a", AT_FDCWD, "d", 0);
	truth_compat();
	truth_end();
#endif
}

static void symlink_act(void)
{
	int dirfd = open(".", O_RDONLY | O_DIRECTORY);
	long result = syscall(SYS_symlinkat, "/etc/shadow", dirfd, "one");

	named("symlink", "symlinkat", result, "one", dirfd);
	truth_string("target", "/etc/shadow");
	truth_end();
	result = syscall(SYS_symlinkat, "elsewhere", AT_FDCWD, "one");
	named("symlink", "symlinkat", result, "one", AT_FDCWD);
	truth_string("target", "elsewhere");
	truth_end();
#ifdef SYS_symlink
	result = syscall(SYS_symlink, "../x", "two");
	named("symlink", "symlink", result, "two", AT_FDCWD);
	truth_string("target", "../x");
	truth_end();
	result = syscall(SYS_symlink, "../x", "nowhere/two");
	named("symlink", "symlink", result, "nowhere/two", AT_FDCWD);
	truth_end();
#endif
#ifdef HAS_COMPAT
	result = compat_syscall(83, (long)low_string("../y"), (long)low_string("three"), 0, 0, 0);
	named("symlink", "symlink", result, "three", AT_FDCWD);
	truth_string("target", "../y");
	truth_compat();
	truth_end();
#endif
}

/* ---- mode and owner ---- */

/* By name: `fd` is the directory; by descriptor: no name, and the file's own block. */
static void changed(const char *kind, const char *call, long result, int fd, const char *name)
{
	truth_begin(kind, call, result);
	truth_number("fd", fd);
	if (name) {
		truth_string("name", name);
		truth_no_file("file");
		truth_directory("dirPath", fd);
	} else {
		truth_absent("name");
		if (result >= 0)
			truth_file("file", fd);
	}
}

static void chmod_act(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	int dirfd = open(".", O_RDONLY | O_DIRECTORY);
	long result = syscall(SYS_fchmodat, dirfd, "file", 04755);

	changed("chmod", "fchmodat", result, dirfd, "file");
	truth_number("mode", 04755);
	truth_end();
	result = syscall(SYS_fchmodat, AT_FDCWD, "missing", 0600);
	changed("chmod", "fchmodat", result, AT_FDCWD, "missing");
	truth_end();
	result = syscall(SYS_fchmod, fd, 0640);
	changed("chmod", "fchmod", result, fd, NULL);
	truth_number("mode", 0640);
	truth_end();
	result = syscall(SYS_fchmod, 999, 0640);
	changed("chmod", "fchmod", result, 999, NULL);
	truth_end();
	/* fchmodat2, from 6.6 on; an older kernel answers ENOSYS, which is an event as well. */
	result = syscall(452, AT_FDCWD, "file", 0604, AT_SYMLINK_NOFOLLOW);
	changed("chmod", "fchmodat2", result, AT_FDCWD, "file");
	truth_number("mode", 0604);
	truth_number("flags", AT_SYMLINK_NOFOLLOW);
	truth_end();
#ifdef SYS_chmod
	result = syscall(SYS_chmod, "file", 02711);
	changed("chmod", "chmod", result, AT_FDCWD, "file");
	truth_number("mode", 02711);
	truth_end();
	result = syscall(SYS_chmod, "missing", 02711);
	changed("chmod", "chmod", result, AT_FDCWD, "missing");
	truth_end();
#endif
#ifdef HAS_COMPAT
	result = compat_syscall(15, (long)low_string("file"), 0600, 0, 0, 0);
	changed("chmod", "chmod", result, AT_FDCWD, "file");
	truth_number("mode", 0600);
	truth_compat();
	truth_end();
	result = compat_syscall(94, fd, 0611, 0, 0, 0);
	changed("chmod", "fchmod", result, fd, NULL);
	truth_number("mode", 0611);
	truth_compat();
	truth_end();
#endif
}

static void owned(long uid, long gid)
{
	truth_number("ownerUid", (uint32_t)uid);
	truth_number("ownerGid", (uint32_t)gid);
}

static void chown_act(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	int dirfd = open(".", O_RDONLY | O_DIRECTORY);
	long result = syscall(SYS_fchownat, dirfd, "file", 1000, 1001, AT_SYMLINK_NOFOLLOW);

	changed("chown", "fchownat", result, dirfd, "file");
	owned(1000, 1001);
	truth_number("flags", AT_SYMLINK_NOFOLLOW);
	truth_end();
	result = syscall(SYS_fchownat, AT_FDCWD, "missing", 0, 0, 0);
	changed("chown", "fchownat", result, AT_FDCWD, "missing");
	owned(0, 0);
	truth_end();
	result = syscall(SYS_fchown, fd, 70000, -1);
	changed("chown", "fchown", result, fd, NULL);
	owned(70000, -1);
	truth_end();
	result = syscall(SYS_fchown, 999, 0, 0);
	changed("chown", "fchown", result, 999, NULL);
	truth_end();
#ifdef SYS_chown
	result = syscall(SYS_chown, "file", 7, 8);
	changed("chown", "chown", result, AT_FDCWD, "file");
	owned(7, 8);
	truth_end();
	result = syscall(SYS_lchown, "missing", 7, 8);
	changed("chown", "lchown", result, AT_FDCWD, "missing");
	owned(7, 8);
	truth_end();
#endif
#ifdef HAS_COMPAT
	/* The 16-bit call says "unchanged" with 0xffff, the 32-bit one with all bits. */
	result = compat_syscall(182, (long)low_string("file"), 9, 0xffff, 0, 0);
	changed("chown", "chown", result, AT_FDCWD, "file");
	owned(9, -1);
	truth_compat();
	truth_end();
	result = compat_syscall(212, (long)low_string("file"), 70000, -1, 0, 0);
	changed("chown", "chown", result, AT_FDCWD, "file");
	owned(70000, -1);
	truth_compat();
	truth_end();
#endif
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "open", open_act },	    { "dup", dup_act },	    { "unlink", unlink_act },
		{ "mkdir", mkdir_act },	    { "rename", rename_act }, { "link", link_act },
		{ "symlink", symlink_act }, { "chmod", chmod_act },   { "chown", chown_act },
		{ NULL, NULL },
	};

	return run_act(acts, argc, argv);
}
