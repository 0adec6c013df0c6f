/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * System call numbers of the calls whose arguments differ within a kind (the kernel's unistd tables), and how
 * a call's number and arguments are read. A number that an architecture lacks is NONE.
 */
#ifndef ATALAYA_SYSCALLS_H
#define ATALAYA_SYSCALLS_H

#include "maps.h"

#define NONE (-2)

#if defined(__TARGET_ARCH_arm64)
#define CALLS(X)                                                                                   \
	X(open, NONE, 5) X(creat, NONE, 8) X(openat, 56, 322) X(openat2, 437, 437)                   \
	X(execve, 221, 11) X(execveat, 281, 387) X(dup, 23, 41) X(dup2, NONE, 63) X(dup3, 24, 358) X(fcntl, 25, 55)    \
	X(fcntl64, NONE, 221)                                                                        \
	X(unlink, NONE, 10) X(unlinkat, 35, 328) X(rmdir, NONE, 40) X(rename, NONE, 38)              \
	X(renameat, 38, 329) X(renameat2, 276, 382) X(link, NONE, 9) X(linkat, 37, 330)              \
	X(symlink, NONE, 83) X(symlinkat, 36, 331) X(mkdir, NONE, 39) X(mkdirat, 34, 323)            \
	X(chmod, NONE, 15) X(fchmod, 52, 94) X(fchmodat, 53, 333) X(fchmodat2, 452, 452)             \
	X(chown, NONE, 182) X(lchown, NONE, 16) X(fchown, 55, 95) X(fchownat, 54, 325)               \
	X(chown32, NONE, 212) X(lchown32, NONE, 198) X(fchown32, NONE, 207)                          \
	X(accept, 202, 285) X(accept4, 242, 366) X(bind, 200, 282) X(listen, 201, 284)               \
	X(connect, 203, 283) X(sendto, 206, 290) X(sendmsg, 211, 296) X(sendmmsg, 269, 374) X(socket, 198, 281) \
	X(setuid, 146, 23) X(setgid, 144, 46) X(setreuid, 145, 70) X(setregid, 143, 71)              \
	X(setresuid, 147, 164) X(setresgid, 149, 170) X(setfsuid, 151, 138) X(setfsgid, 152, 139)    \
	X(setuid32, NONE, 213) X(setgid32, NONE, 214) X(setreuid32, NONE, 203)                       \
	X(setregid32, NONE, 204) X(setresuid32, NONE, 208) X(setresgid32, NONE, 210)                 \
	X(setfsuid32, NONE, 215) X(setfsgid32, NONE, 216)                                            \
	X(init_module, 105, 128) X(finit_module, 273, 379)                                           \
	X(chdir, 49, 12) X(fchdir, 50, 133) X(chroot, 51, 61) X(pivot_root, 41, 218) X(umount, NONE, 22)     \
	X(umount2, 39, 52) X(mknod, NONE, 14) X(mknodat, 33, 324) X(truncate, 45, 92) X(ftruncate, 46, 93)   \
	X(truncate64, NONE, 193) X(ftruncate64, NONE, 194) X(utimensat, 88, 348) X(utimensat_time64, NONE, 412) \
	X(utime, NONE, 30) X(utimes, NONE, 269) X(futimesat, NONE, 326)                                      \
	X(setxattr, 5, 226) X(lsetxattr, 6, 227) X(fsetxattr, 7, 228) X(removexattr, 14, 235)                \
	X(lremovexattr, 15, 236) X(fremovexattr, 16, 237) X(open_by_handle_at, 265, 371)                     \
	X(capset, 91, 185) X(prctl, 167, 172) X(seccomp, 277, 383) X(keyctl, 219, 311) X(add_key, 217, 309)  \
	X(request_key, 218, 310) X(process_vm_readv, 270, 376) X(process_vm_writev, 271, 377)                \
	X(userfaultfd, 282, 388) X(perf_event_open, 241, 364) X(io_uring_setup, 425, 425)                    \
	X(kexec_load, 104, 347) X(kexec_file_load, 294, 401) X(reboot, 142, 88) X(swapon, 224, 87)           \
	X(swapoff, 225, 115) X(sethostname, 161, 74) X(setdomainname, 162, 121) X(acct, 89, 51)              \
	X(quotactl, 60, 131) X(iopl, NONE, NONE) X(ioperm, NONE, NONE)                                       \
	X(fsopen, 430, 430) X(fsconfig, 431, 431) X(fsmount, 432, 432) X(move_mount, 429, 429)               \
	X(open_tree, 428, 428) X(mount_setattr, 442, 442)                                                    \
	X(kill, 129, 37) X(tkill, 130, 238) X(tgkill, 131, 268) X(pidfd_send_signal, 424, 424)
#else
#define CALLS(X)                                                                                   \
	X(open, 2, 5) X(creat, 85, 8) X(openat, 257, 295) X(openat2, 437, 437)                       \
	X(execve, 59, 11) X(execveat, 322, 358) X(dup, 32, 41) X(dup2, 33, 63) X(dup3, 292, 330) X(fcntl, 72, 55)      \
	X(fcntl64, NONE, 221)                                                                        \
	X(unlink, 87, 10) X(unlinkat, 263, 301) X(rmdir, 84, 40) X(rename, 82, 38)                   \
	X(renameat, 264, 302) X(renameat2, 316, 353) X(link, 86, 9) X(linkat, 265, 303)              \
	X(symlink, 88, 83) X(symlinkat, 266, 304) X(mkdir, 83, 39) X(mkdirat, 258, 296)              \
	X(chmod, 90, 15) X(fchmod, 91, 94) X(fchmodat, 268, 306) X(fchmodat2, 452, 452)              \
	X(chown, 92, 182) X(lchown, 94, 16) X(fchown, 93, 95) X(fchownat, 260, 298)                  \
	X(chown32, NONE, 212) X(lchown32, NONE, 198) X(fchown32, NONE, 207)                          \
	X(accept, 43, NONE) X(accept4, 288, 364) X(bind, 49, 361) X(listen, 50, 363)                 \
	X(connect, 42, 362) X(sendto, 44, 369) X(sendmsg, 46, 370) X(sendmmsg, 307, 345) X(socket, 41, 359) \
	X(setuid, 105, 23) X(setgid, 106, 46) X(setreuid, 113, 70) X(setregid, 114, 71)              \
	X(setresuid, 117, 164) X(setresgid, 119, 170) X(setfsuid, 122, 138) X(setfsgid, 123, 139)    \
	X(setuid32, NONE, 213) X(setgid32, NONE, 214) X(setreuid32, NONE, 203)                       \
	X(setregid32, NONE, 204) X(setresuid32, NONE, 208) X(setresgid32, NONE, 210)                 \
	X(setfsuid32, NONE, 215) X(setfsgid32, NONE, 216)                                            \
	X(init_module, 175, 128) X(finit_module, 313, 350)                                           \
	X(chdir, 80, 12) X(fchdir, 81, 133) X(chroot, 161, 61) X(pivot_root, 155, 217) X(umount, NONE, 22)   \
	X(umount2, 166, 52) X(mknod, 133, 14) X(mknodat, 259, 297) X(truncate, 76, 92) X(ftruncate, 77, 93)  \
	X(truncate64, NONE, 193) X(ftruncate64, NONE, 194) X(utimensat, 280, 320) X(utimensat_time64, NONE, 412) \
	X(utime, 132, 30) X(utimes, 235, 271) X(futimesat, 261, 299)                                         \
	X(setxattr, 188, 226) X(lsetxattr, 189, 227) X(fsetxattr, 190, 228) X(removexattr, 197, 235)         \
	X(lremovexattr, 198, 236) X(fremovexattr, 199, 237) X(open_by_handle_at, 304, 342)                   \
	X(capset, 126, 185) X(prctl, 157, 172) X(seccomp, 317, 354) X(keyctl, 250, 288) X(add_key, 248, 286) \
	X(request_key, 249, 287) X(process_vm_readv, 310, 347) X(process_vm_writev, 311, 348)                \
	X(userfaultfd, 323, 374) X(perf_event_open, 298, 336) X(io_uring_setup, 425, 425)                    \
	X(kexec_load, 246, 283) X(kexec_file_load, 320, NONE) X(reboot, 169, 88) X(swapon, 167, 87)          \
	X(swapoff, 168, 115) X(sethostname, 170, 74) X(setdomainname, 171, 121) X(acct, 163, 51)             \
	X(quotactl, 179, 131) X(iopl, 172, 110) X(ioperm, 173, 101)                                          \
	X(fsopen, 430, 430) X(fsconfig, 431, 431) X(fsmount, 432, 432) X(move_mount, 429, 429)               \
	X(open_tree, 428, 428) X(mount_setattr, 442, 442)                                                    \
	X(kill, 62, 37) X(tkill, 200, 238) X(tgkill, 234, 270) X(pidfd_send_signal, 424, 424)
#endif

enum native_call {
#define X(name, native, compat) NATIVE_##name = native,
	CALLS(X)
#undef X
};

enum compat_call {
#define X(name, native, compat) COMPAT_##name = compat,
	CALLS(X)
#undef X
};

#define call__is(c, name) ((c)->nr == ((c)->compat ? COMPAT_##name : NATIVE_##name))

#define X86_TS_COMPAT	 2
#define X32_SYSCALL_BIT	 0x40000000UL
#define ARM64_TIF_32BIT (1 << 22)

static __always_inline bool task__in_compat_call(struct task_struct *task)
{
#if defined(__TARGET_ARCH_arm64)
	return task->thread_info.flags & ARM64_TIF_32BIT;
#else
	return task->thread_info.status & X86_TS_COMPAT;
#endif
}

static __always_inline s32 regs__call_number(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_arm64)
	return regs->syscallno;
#else
	/* x32 programs make the 64-bit calls, but for a few, with this bit set: one way to be seen by nobody. */
	return (s32)(regs->orig_ax & ~X32_SYSCALL_BIT);
#endif
}

/*
 * The call that is about to return, NULL if there is no room for it. It lies beside the record and not on the stack, as
 * the number of bytes does and for the same reason. arm64 keeps the first argument in orig_x0: x0 is the result by now.
 */
static __always_inline struct call *call__read(struct task_struct *task, struct pt_regs *regs, long ret)
{
	u32 zero = 0;
	struct scratch *s = bpf_map_lookup_elem(&record_scratch, &zero);
	struct call *c;

	if (!s)
		return NULL;
	c = &s->call;
	c->compat = task__in_compat_call(task);
	c->flags = c->compat ? EVENT_COMPAT : 0;
	c->nr = regs__call_number(regs);
	c->ret = c->compat ? (s32)ret : ret;
#if defined(__TARGET_ARCH_arm64)
	c->arg[0] = regs->orig_x0;
	c->arg[1] = regs->regs[1];
	c->arg[2] = regs->regs[2];
	c->arg[3] = regs->regs[3];
	c->arg[4] = regs->regs[4];
	c->arg[5] = regs->regs[5];
#else
	if (c->compat) {
		c->arg[0] = (u32)regs->bx;
		c->arg[1] = (u32)regs->cx;
		c->arg[2] = (u32)regs->dx;
		c->arg[3] = (u32)regs->si;
		c->arg[4] = (u32)regs->di;
		c->arg[5] = (u32)regs->bp;
		return c;
	}
	c->arg[0] = regs->di;
	c->arg[1] = regs->si;
	c->arg[2] = regs->dx;
	c->arg[3] = regs->r10;
	c->arg[4] = regs->r8;
	c->arg[5] = regs->r9;
#endif
	return c;
}

#endif
