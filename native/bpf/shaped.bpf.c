// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Calls that differ in which argument is what: one program, and a line for each of them. */
#include "file.h"

/*
 * Which argument is what, counted from 1; 0 = the call has none. A text is read from the caller's memory, a name too, with
 * the directory from which it counts.
 */
struct shape {
	u8 kind;
	u8 is_rare; /* success goes by the rare lane: it changes the machine */
	u8 fd;
	u8 dirfd, name;
	u8 second_dirfd, second_name;
	u8 text;
	u8 value[3];
};

#define RESULT 255 /* the descriptor is what the call returns */

/* clang-format off */
/*	  call, kind, rare, fd, dirfd, name, second dirfd and name, text, values */
#define SHAPES(X)                                                    \
	X(chdir, CHDIR, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)                \
	X(fchdir, CHDIR, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)               \
	X(chroot, CHROOT, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)              \
	X(pivot_root, PIVOT, 1, 0, 0, 1, 0, 2, 0, 0, 0, 0)           \
	X(umount, UMOUNT, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)              \
	X(umount2, UMOUNT, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0)             \
	X(mknod, MKNOD, 0, 0, 0, 1, 0, 0, 0, 2, 3, 0)                \
	X(mknodat, MKNOD, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0)              \
	X(truncate, TRUNCATE, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0)          \
	X(ftruncate, TRUNCATE, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0)         \
	X(truncate64, TRUNCATE, 0, 0, 0, 1, 0, 0, 0, 2, 3, 0)        \
	X(ftruncate64, TRUNCATE, 0, 1, 0, 0, 0, 0, 0, 2, 3, 0)       \
	X(utimensat, UTIMES, 0, 0, 1, 2, 0, 0, 0, 4, 0, 0)           \
	X(utimensat_time64, UTIMES, 0, 0, 1, 2, 0, 0, 0, 4, 0, 0)    \
	X(utime, UTIMES, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)               \
	X(utimes, UTIMES, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)              \
	X(futimesat, UTIMES, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0)           \
	X(setxattr, XATTR, 0, 0, 0, 1, 0, 0, 2, 4, 5, 0)             \
	X(lsetxattr, XATTR, 0, 0, 0, 1, 0, 0, 2, 4, 5, 0)            \
	X(fsetxattr, XATTR, 0, 1, 0, 0, 0, 0, 2, 4, 5, 0)            \
	X(removexattr, XATTR, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0)          \
	X(lremovexattr, XATTR, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0)         \
	X(fremovexattr, XATTR, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0)         \
	X(open_by_handle_at, HANDLE, 0, RESULT, 0, 0, 0, 0, 0, 1, 3, 0) \
	X(prctl, PRCTL, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3)                \
	X(seccomp, SECCOMP, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0)            \
	X(keyctl, KEYS, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3)                \
	X(add_key, KEYS, 0, 0, 0, 0, 0, 0, 2, 4, 5, 0)               \
	X(request_key, KEYS, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0)           \
	X(userfaultfd, USERFAULTFD, 0, RESULT, 0, 0, 0, 0, 0, 1, 0, 0) \
	X(perf_event_open, PERF, 0, RESULT, 0, 0, 0, 0, 0, 2, 3, 5)  \
	X(io_uring_setup, RING, 0, RESULT, 0, 0, 0, 0, 0, 1, 0, 0)   \
	X(kexec_load, KEXEC, 1, 0, 0, 0, 0, 0, 0, 2, 4, 0)           \
	X(kexec_file_load, KEXEC, 1, 1, 0, 0, 0, 0, 4, 2, 5, 0)      \
	X(reboot, MACHINE, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3)             \
	X(swapon, MACHINE, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0)             \
	X(swapoff, MACHINE, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)            \
	X(sethostname, MACHINE, 1, 0, 0, 0, 0, 0, 1, 2, 0, 0)        \
	X(setdomainname, MACHINE, 1, 0, 0, 0, 0, 0, 1, 2, 0, 0)      \
	X(acct, MACHINE, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)               \
	X(quotactl, MACHINE, 1, 0, 0, 2, 0, 0, 0, 1, 3, 0)           \
	X(iopl, MACHINE, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0)               \
	X(ioperm, MACHINE, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3)             \
	X(fsopen, FSMOUNT, 1, 0, 0, 0, 0, 0, 1, 2, 0, 0)             \
	X(fsconfig, FSMOUNT, 1, 1, 0, 0, 0, 0, 3, 2, 5, 0)           \
	X(fsmount, FSMOUNT, 1, 1, 0, 0, 0, 0, 0, 2, 3, 0)            \
	X(move_mount, FSMOUNT, 1, 0, 1, 2, 3, 4, 0, 5, 0, 0)         \
	X(open_tree, FSMOUNT, 1, 0, 1, 2, 0, 0, 0, 3, 0, 0)          \
	X(mount_setattr, FSMOUNT, 1, 0, 1, 2, 0, 0, 0, 3, 0, 0)
/* clang-format on */

/* A call that there is not on this machine has its line behind the last number. */
#define PLACE(nr) ((nr) < 0 ? SYSCALL_MAX : (nr))
#define SHAPE(nr, kind, rare, fd, dirfd, name, second_dirfd, second, text, a, b, c)                \
	[PLACE(nr)] = { KIND_##kind, rare, fd, dirfd, name, second_dirfd, second, text, { a, b, c } },
#define NATIVE_SHAPE(call, ...) SHAPE(NATIVE_##call, __VA_ARGS__)
#define COMPAT_SHAPE(call, ...) SHAPE(COMPAT_##call, __VA_ARGS__)

#pragma clang diagnostic ignored "-Winitializer-overrides"
static const struct shape native_shapes[SYSCALL_MAX + 1] = { SHAPES(NATIVE_SHAPE) };
static const struct shape compat_shapes[SYSCALL_MAX + 1] = { SHAPES(COMPAT_SHAPE) };

static __always_inline u64 call__arg(struct call *c, u64 place)
{
	barrier_value(place);
	return place ? c->arg[(place - 1) & 7] : 0;
}

#define PR_SET_NAME 15

SEC("tp_btf/sys_exit")
int BPF_PROG(shaped_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	const struct shape *shape;
	struct event_call *e;
	struct call *c;
	struct record r;
	u32 nr;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	nr = c->nr;
	if (nr >= SYSCALL_MAX)
		return 0;
	shape = c->compat ? &compat_shapes[nr] : &native_shapes[nr];
	r = call__begin(c, shape->kind, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->value0 = call__arg(c, shape->value[0]);
	e->value1 = call__arg(c, shape->value[1]);
	e->value2 = call__arg(c, shape->value[2]);
	e->fd = shape->fd == RESULT ? (s32)c->ret : shape->fd ? (s32)call__arg(c, shape->fd) : -1;
	if (shape->fd && e->fd >= 0)
		file_block__fill(&r, &e->file, task, task__file(&r, task, e->fd), 0);
	e->dirfd = shape->dirfd ? (s32)call__arg(c, shape->dirfd) : AT_FDCWD;
	e->second_dirfd = shape->second_dirfd ? (s32)call__arg(c, shape->second_dirfd) : AT_FDCWD;
	if (shape->name)
		record__name(&r, &e->name, &e->dir_path, task, e->dirfd, call__arg(c, shape->name));
	if (shape->second_name)
		record__name(&r, &e->second_name, &e->second_dir_path, task, e->second_dirfd,
			     call__arg(c, shape->second_name));
	if (shape->text)
		record__user_string(&r, &e->text, (void *)call__arg(c, shape->text));
	else if (shape->kind == KIND_PRCTL && (u32)c->arg[0] == PR_SET_NAME)
		record__user_string(&r, &e->text, (void *)c->arg[1]);
	record__send(&r, shape->kind, c->ret >= 0 && shape->is_rare ? LANE_RARE : LANE_BULK);
	return 0;
}
