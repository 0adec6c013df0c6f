// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Calls on files and mounts by name: where a process is, what there is, when it was changed. In namespaces of its own. */
#include "calls.h"

#include <linux/fs.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#define FSCONFIG_STRING 1
#define FSCONFIG_CREATE 6

/* ---- chdir, chroot ---- */

static void chdir_act(void)
{
	int below;
	long result;

	must(mkdir("below", 0700) == 0, "mkdir");
	below = open("below", O_RDONLY | O_DIRECTORY);
	result = syscall(SYS_chdir, "/");
	call_begin("chdir", "chdir", result, false);
	truth_name("/", AT_FDCWD);
	truth_end();
	result = syscall(SYS_fchdir, below);
	call_begin("chdir", "fchdir", result, false);
	truth_fd(below);
	truth_end();
	result = syscall(SYS_chdir, "missing");
	call_begin("chdir", "chdir", result, false);
	truth_name("missing", AT_FDCWD);
	truth_end();
	result = syscall(SYS_fchdir, 999);
	call_begin("chdir", "fchdir", result, false);
	truth_fd(999);
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(12, (long)low_string(".."), 0, 0, 0, 0);
	/* Relative to where it is now. */
	call_begin("chdir", "chdir", result, false);
	truth_string("name", "..");
	truth_compat();
	truth_end();
#endif
}

static void rooted(long result, const char *name, bool is_compat)
{
	call_begin("chroot", "chroot", result, true);
	truth_name(name, AT_FDCWD);
	if (is_compat)
		truth_compat();
	truth_end();
}

/* Its own root once more, since what it says of itself is below /proc. */
static void chroot_act(void)
{
	rooted(syscall(SYS_chroot, "/"), "/", false);
	rooted(syscall(SYS_chroot, "missing"), "missing", false);
#ifdef HAS_COMPAT
	rooted(compat_syscall(61, (long)low_string("/"), 0, 0, 0, 0), "/", true);
#endif
}

/* ---- mounts ---- */

static void own_mounts(void)
{
	must(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "unshare");
	must(mkdir("target", 0700) == 0 && mount("none", "target", "tmpfs", 0, NULL) == 0, "mount");
}

static void pivoted(long result)
{
	call_begin("pivot", "pivot_root", result, true);
	truth_path("name", "dirPath", "target", AT_FDCWD);
	truth_path("secondName", "secondDirPath", "target/old", AT_FDCWD);
}

static void pivot_act(void)
{
	own_mounts();
	must(mkdir("target/old", 0700) == 0 && mkdir("target/proc", 0700) == 0, "mkdir");
	/* Nothing is at the other name yet. */
	must(rmdir("target/old") == 0, "rmdir");
	pivoted(syscall(SYS_pivot_root, "target", "target/old"));
	truth_end();
#ifdef HAS_COMPAT
	pivoted(compat_syscall(217, (long)low_string("target"), (long)low_string("target/old"), 0, 0, 0));
	truth_compat();
	truth_end();
#endif
	must(mkdir("target/old", 0700) == 0, "mkdir");
	must(mount("/proc", "target/proc", NULL, MS_BIND | MS_REC, NULL) == 0, "mount of /proc");
	pivoted(syscall(SYS_pivot_root, "target", "target/old"));
	truth_end();
}

static void unmounted(const char *call, long result, const char *name, int flags)
{
	call_begin("umount", call, result, true);
	truth_name(name, AT_FDCWD);
	truth_value("value0", flags);
}

static void umount_act(void)
{
	own_mounts();
	unmounted("umount2", syscall(SYS_umount2, "target", MNT_DETACH), "target", MNT_DETACH);
	truth_end();
	unmounted("umount2", syscall(SYS_umount2, "target", 0), "target", 0); /* no mount any more */
	truth_end();
#ifdef HAS_COMPAT
	must(mount("none", "target", "tmpfs", 0, NULL) == 0, "mount");
	unmounted("umount2", compat_syscall(52, (long)low_string("target"), MNT_FORCE, 0, 0, 0), "target", MNT_FORCE);
	truth_compat();
	truth_end();
	unmounted("umount", compat_syscall(22, (long)low_string("missing"), 0, 0, 0, 0), "missing", 0);
	truth_compat();
	truth_end();
#endif
}

static void mount_by_descriptors(void)
{
	long made, mounted, result;

	made = syscall(SYS_fsopen, "tmpfs", 0);
	call_begin("fsmount", "fsopen", made, true);
	truth_string("text", "tmpfs");
	truth_value("value0", 0);
	truth_end();
	result = syscall(SYS_fsconfig, (int)made, FSCONFIG_STRING, "size", "1m", 0);
	call_begin("fsmount", "fsconfig", result, true);
	truth_fd(made);
	truth_values(FSCONFIG_STRING, 0, 0);
	truth_string("text", "size");
	truth_end();
	result = syscall(SYS_fsconfig, (int)made, FSCONFIG_CREATE, NULL, NULL, 0);
	call_begin("fsmount", "fsconfig", result, true);
	truth_values(FSCONFIG_CREATE, 0, 0);
	truth_absent("text");
	truth_end();
	mounted = syscall(SYS_fsmount, (int)made, 0, 0x02 /* MOUNT_ATTR_NOSUID */);
	call_begin("fsmount", "fsmount", mounted, true);
	truth_fd(made);
	truth_values(0, 0x02, 0);
	truth_end();
	result = syscall(SYS_move_mount, (int)mounted, "", AT_FDCWD, "target", 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
	call_begin("fsmount", "move_mount", result, true);
	truth_name("", mounted);
	truth_path("secondName", "secondDirPath", "target", AT_FDCWD);
	truth_value("value0", 4);
	truth_end();
}

static void fsmount_act(void)
{
	struct {
		uint64_t set, clear, propagation, user_ns;
	} attributes = { .set = 0x01 /* MOUNT_ATTR_RDONLY */ };
	long result;

	own_mounts();
	mount_by_descriptors();
	result = syscall(SYS_open_tree, AT_FDCWD, "target", 1 /* OPEN_TREE_CLONE */);
	call_begin("fsmount", "open_tree", result, true);
	truth_name("target", AT_FDCWD);
	truth_value("value0", 1);
	truth_end();
	result = syscall(SYS_mount_setattr, AT_FDCWD, "target", 0, &attributes, sizeof(attributes));
	call_begin("fsmount", "mount_setattr", result, true);
	truth_name("target", AT_FDCWD);
	truth_value("value0", 0);
	truth_end();
	result = syscall(SYS_fsopen, "no-such-type", 0);
	call_begin("fsmount", "fsopen", result, true);
	truth_string("text", "no-such-type");
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(428, AT_FDCWD, (long)low_string("missing"), 0, 0, 0);
	call_begin("fsmount", "open_tree", result, true);
	truth_name("missing", AT_FDCWD);
	truth_compat();
	truth_end();
#endif
}

/* ---- what there is, and how long, and since when ---- */

static void node_made(const char *call, long result, int dirfd, const char *name, mode_t mode, unsigned dev)
{
	call_begin("mknod", call, result, false);
	truth_name(name, dirfd);
	truth_values(mode, dev, 0);
}

static void mknod_act(void)
{
	int here = open(".", O_PATH | O_DIRECTORY);

	node_made("mknodat", syscall(SYS_mknodat, here, "zero", S_IFCHR | 0600, 0x105), here, "zero", S_IFCHR | 0600, 0x105);
	truth_end();
	node_made("mknodat", syscall(SYS_mknodat, here, "zero", S_IFIFO | 0600, 0), here, "zero", S_IFIFO | 0600, 0);
	truth_end();
#ifdef SYS_mknod
	node_made("mknod", syscall(SYS_mknod, "pipe", S_IFIFO | 0640, 0), AT_FDCWD, "pipe", S_IFIFO | 0640, 0);
	truth_end();
#endif
#ifdef HAS_COMPAT
	node_made("mknodat", compat_syscall(297, AT_FDCWD, (long)low_string("low"), S_IFREG | 0600, 0, 0), AT_FDCWD, "low",
		  S_IFREG | 0600, 0);
	truth_compat();
	truth_end();
#endif
}

static void truncate_act(void)
{
	int fd;
	long result;

	make_file("file", 0600);
	fd = open("file", O_RDWR);
	result = syscall(SYS_truncate, "file", 3L);
	call_begin("truncate", "truncate", result, false);
	truth_name("file", AT_FDCWD);
	truth_value("value0", 3);
	truth_end();
	result = syscall(SYS_ftruncate, fd, 0L);
	call_begin("truncate", "ftruncate", result, false);
	truth_fd(fd);
	truth_value("value0", 0);
	truth_end();
	result = syscall(SYS_truncate, "missing", 0L);
	call_begin("truncate", "truncate", result, false);
	truth_name("missing", AT_FDCWD);
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(194, fd, 5, 1, 0, 0); /* ftruncate64: 2^32 + 5 */
	call_begin("truncate", "ftruncate", result, false);
	truth_fd(fd);
	truth_values(5, 1, 0);
	truth_compat();
	truth_end();
#endif
}

static void utimes_act(void)
{
	struct timespec times[2] = { { 1, 0 }, { 2, 0 } };
	int here = open(".", O_PATH | O_DIRECTORY);
	long result;

	make_file("file", 0600);
	result = syscall(SYS_utimensat, here, "file", times, AT_SYMLINK_NOFOLLOW);
	call_begin("utimes", "utimensat", result, false);
	truth_name("file", here);
	truth_value("value0", AT_SYMLINK_NOFOLLOW);
	truth_end();
	result = syscall(SYS_utimensat, AT_FDCWD, "missing", NULL, 0);
	call_begin("utimes", "utimensat", result, false);
	truth_name("missing", AT_FDCWD);
	truth_end();
#ifdef SYS_utime
	result = syscall(SYS_utime, "file", NULL);
	call_begin("utimes", "utime", result, false);
	truth_name("file", AT_FDCWD);
	truth_end();
	result = syscall(SYS_futimesat, here, "file", NULL);
	call_begin("utimes", "futimesat", result, false);
	truth_name("file", here);
	truth_end();
#endif
#ifdef HAS_COMPAT
	result = compat_syscall(271, (long)low_string("file"), 0, 0, 0, 0);
	call_begin("utimes", "utimes", result, false);
	truth_name("file", AT_FDCWD);
	truth_compat();
	truth_end();
#endif
}

static void xattr_act(void)
{
	int fd;
	long result;

	make_file("file", 0600);
	fd = open("file", O_RDWR);
	result = syscall(SYS_setxattr, "file", "user.victim", "value", 5UL, XATTR_CREATE);
	call_begin("xattr", "setxattr", result, false);
	truth_name("file", AT_FDCWD);
	truth_string("text", "user.victim");
	truth_values(5, XATTR_CREATE, 0);
	truth_end();
	result = syscall(SYS_fsetxattr, fd, "security.capability", "bad", 3UL, 0);
	call_begin("xattr", "fsetxattr", result, false);
	truth_fd(fd);
	truth_string("text", "security.capability");
	truth_values(3, 0, 0);
	truth_end();
	result = syscall(SYS_removexattr, "file", "user.victim");
	call_begin("xattr", "removexattr", result, false);
	truth_name("file", AT_FDCWD);
	truth_string("text", "user.victim");
	truth_end();
	result = syscall(SYS_fremovexattr, fd, "user.missing");
	call_begin("xattr", "fremovexattr", result, false);
	truth_fd(fd);
	truth_string("text", "user.missing");
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(227, (long)low_string("file"), (long)low_string("user.low"), (long)low_string("v"), 1, 0);
	call_begin("xattr", "lsetxattr", result, false);
	truth_name("file", AT_FDCWD);
	truth_string("text", "user.low");
	truth_values(1, 0, 0);
	truth_compat();
	truth_end();
#endif
}

/* By what a file is inside its file system, not by a name. */
static void handle_act(void)
{
	struct {
		unsigned bytes;
		int type;
		unsigned char handle[128];
	} handle = { .bytes = sizeof(handle.handle) };
	int mount_id, here = open(".", O_RDONLY | O_DIRECTORY);
	long fd = -1;

	make_file("file", 0600);
	if (syscall(SYS_name_to_handle_at, AT_FDCWD, "file", &handle, &mount_id, 0) == 0) {
		fd = syscall(SYS_open_by_handle_at, here, &handle, O_RDWR);
		call_begin("handle", "open_by_handle_at", fd, false);
		truth_fd(fd);
		truth_values(here, O_RDWR, 0);
		truth_end();
	}
	fd = syscall(SYS_open_by_handle_at, 999, &handle, O_RDONLY);
	call_begin("handle", "open_by_handle_at", fd, false);
	truth_no_file("file");
	truth_values(999, O_RDONLY, 0);
	truth_end();
#ifdef HAS_COMPAT
	void *low = memcpy(low_memory(sizeof(handle)), &handle, sizeof(handle));

	fd = compat_syscall(342, 999, (long)low, O_RDONLY, 0, 0);
	call_begin("handle", "open_by_handle_at", fd, false);
	truth_values(999, O_RDONLY, 0);
	truth_compat();
	truth_end();
#endif
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "chdir", chdir_act },	      { "chroot", chroot_act }, { "pivot", pivot_act },	  { "umount", umount_act },
		{ "fsmount", fsmount_act },   { "mknod", mknod_act },	{ "truncate", truncate_act }, { "utimes", utimes_act },
		{ "xattr", xattr_act },	      { "handle", handle_act }, { NULL, NULL },
	};

	return run_act(acts, argc, argv);
}
