// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Mounts and namespaces, in namespaces of its own: nothing outside changes. */
#include "victim.h"

#include <sched.h>
#include <sys/mount.h>

static void mounted(long result, const char *source, const char *target, const char *type, unsigned long flags)
{
	truth_begin("mount", "mount", result);
	if (source)
		truth_string("source", source);
	else
		truth_absent("source");
	truth_string("target", target);
	if (target[0] == '/')
		truth_absent("targetDir");
	else
		truth_directory("targetDir", AT_FDCWD);
	if (type)
		truth_string("type", type);
	else
		truth_absent("type");
	truth_number("flags", flags);
	truth_number("h.lane", result < 0 ? 2 : 0);
	truth_end();
}

static void mount_act(void)
{
	unsigned long flags = MS_NOSUID | MS_NODEV;
	long result;

	must(mkdir("target", 0700) == 0 && unshare(CLONE_NEWNS) == 0, "unshare");
	result = syscall(SYS_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mounted(result, NULL, "/", NULL, MS_REC | MS_PRIVATE);
	result = syscall(SYS_mount, "a source", "target", "tmpfs", flags, NULL);
	mounted(result, "a source", "target", "tmpfs", flags);
	result = syscall(SYS_mount, "none", "target", "no-such-type", 0, NULL);
	mounted(result, "none", "target", "no-such-type", 0);
	result = syscall(SYS_mount, "none", "/nowhere/at/all", "tmpfs", 0, NULL);
	mounted(result, "none", "/nowhere/at/all", "tmpfs", 0);
#ifdef HAS_COMPAT
	result = compat_syscall(21, (long)low_string("compat"), (long)low_string("target"), (long)low_string("tmpfs"),
				MS_RDONLY, 0);
	truth_begin("mount", "mount", result);
	truth_string("source", "compat");
	truth_string("target", "target");
	truth_string("type", "tmpfs");
	truth_number("flags", MS_RDONLY);
	truth_compat();
	truth_end();
#endif
}

static void joined(long result, int fd, int type)
{
	struct stat s;

	truth_begin("setns", "setns", result);
	truth_number("fd", fd);
	truth_number("nsType", type);
	if (fstat(fd, &s) == 0)
		truth_number("file.inode", s.st_ino);
	else
		truth_no_file("file");
	truth_number("h.lane", result < 0 ? 2 : 0);
	truth_end();
}

static void setns_act(void)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY);
	int other = open("/proc/self/ns/mnt", O_RDONLY);
	long result = syscall(SYS_setns, fd, CLONE_NEWUTS);

	joined(result, fd, CLONE_NEWUTS);
	result = syscall(SYS_setns, fd, CLONE_NEWNET); /* not what the descriptor is */
	joined(result, fd, CLONE_NEWNET);
	result = syscall(SYS_setns, 999, 0);
	joined(result, 999, 0);
	/* Into another mount namespace and back: the header has the one it is in afterwards. */
	must(unshare(CLONE_NEWNS) == 0, "unshare");
	result = syscall(SYS_setns, other, CLONE_NEWNS);
	joined(result, other, CLONE_NEWNS);
#ifdef HAS_COMPAT
	result = compat_syscall(346, fd, CLONE_NEWUTS, 0, 0, 0);
	truth_begin("setns", "setns", result);
	truth_number("fd", fd);
	truth_number("nsType", CLONE_NEWUTS);
	truth_compat();
	truth_end();
#endif
}

static void separated(long result, unsigned long flags)
{
	truth_begin("unshare", "unshare", result);
	truth_number("flags", flags);
	truth_number("h.lane", result < 0 ? 2 : 0);
}

/* Nobody is mapped there; the events have the ids of the initial namespace. */
static void new_user_namespace(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	long result = syscall(SYS_unshare, CLONE_NEWUSER);

	separated(result, CLONE_NEWUSER);
	truth_number("h.uid", uid);
	truth_number("h.euid", uid);
	truth_number("h.gid", gid);
	truth_number("h.egid", gid);
	truth_end();
}

static void unshare_act(void)
{
	long result = syscall(SYS_unshare, CLONE_NEWUTS | CLONE_NEWNS);

	separated(result, CLONE_NEWUTS | CLONE_NEWNS);
	truth_end();
	result = syscall(SYS_unshare, CLONE_NEWNET);
	separated(result, CLONE_NEWNET);
	truth_end();
	result = syscall(SYS_unshare, 0x1);
	separated(result, 0x1);
	truth_end();
	in_child(new_user_namespace);
#ifdef HAS_COMPAT
	result = compat_syscall(310, CLONE_NEWIPC, 0, 0, 0, 0);
	separated(result, CLONE_NEWIPC);
	truth_compat();
	truth_end();
#endif
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "mount", mount_act },
		{ "setns", setns_act },
		{ "unshare", unshare_act },
		{ NULL, NULL },
	};

	return run_act(acts, argc, argv);
}
