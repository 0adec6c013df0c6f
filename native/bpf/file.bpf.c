// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* open, dup, and what changes names, modes and owners. */
#include "sock.h"

#define O_CREAT_WRONLY_TRUNC (0100 | 01 | 01000)

SEC("tp_btf/sys_exit")
int BPF_PROG(open_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct open_how how = {};
	s32 dirfd = AT_FDCWD;
	u32 any = open_flags_any;
	struct call *c;
	struct record r;
	struct event_open *e;
	struct file *file;
	u64 name;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	if (call__is(c, openat)) {
		dirfd = c->arg[0];
		name = c->arg[1];
		how.flags = c->arg[2];
		how.mode = c->arg[3];
	} else if (call__is(c, openat2)) {
		dirfd = c->arg[0];
		name = c->arg[1];
		bpf_probe_read_user(&how, sizeof(how), (void *)c->arg[2]);
	} else if (call__is(c, creat)) {
		name = c->arg[0];
		how.flags = O_CREAT_WRONLY_TRUNC;
		how.mode = c->arg[1];
	} else {
		name = c->arg[0];
		how.flags = c->arg[1];
		how.mode = c->arg[2];
	}
	if (any && !((u32)how.flags & any))
		return 0;
	r = call__begin(c, KIND_OPEN, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->dirfd = dirfd;
	e->flags = how.flags;
	e->mode = how.mode;
	e->resolve = how.resolve;
	if (c->ret >= 0) {
		file = task__file(&r, task, c->ret);
		file_block__fill(&r, &e->file, task, file, 0);
		record__note_named(&r, &e->file, file);
	}
	record__name(&r, &e->name, &e->dir_path, task, dirfd, name);
	record__send(&r, KIND_OPEN, LANE_BULK);
	return 0;
}

#define F_DUPFD	       0
#define F_DUPFD_CLOEXEC 1030

SEC("tp_btf/sys_exit")
int BPF_PROG(dup_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_dup *e;
	bool is_fcntl, has_new_fd;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	is_fcntl = call__is(c, fcntl) || call__is(c, fcntl64);
	if (is_fcntl && c->arg[1] != F_DUPFD && c->arg[1] != F_DUPFD_CLOEXEC)
		return 0;
	r = call__begin(c, KIND_DUP, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	has_new_fd = !is_fcntl && !call__is(c, dup);
	e->old_fd = c->arg[0];
	e->new_fd = has_new_fd ? (s32)c->arg[1] : (s32)c->ret;
	e->flags = call__is(c, dup3) ? c->arg[2] : 0;
	endpoint__fill(&r, &e->file, &e->sock, task,
		       task__file(&r, task, c->ret >= 0 ? (s32)c->ret : (s32)c->arg[0]));
	record__send(&r, KIND_DUP, LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(unlink_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_unlink *e;
	bool at;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_UNLINK, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	at = call__is(c, unlinkat);
	e->dirfd = at ? (s32)c->arg[0] : AT_FDCWD;
	e->flags = at ? c->arg[2] : 0;
	record__name(&r, &e->name, &e->dir_path, task, e->dirfd, at ? c->arg[1] : c->arg[0]);
	record__send(&r, KIND_UNLINK, LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(mkdir_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_mkdir *e;
	bool at;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_MKDIR, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	at = call__is(c, mkdirat);
	e->dirfd = at ? (s32)c->arg[0] : AT_FDCWD;
	e->mode = at ? c->arg[2] : c->arg[1];
	record__name(&r, &e->name, &e->dir_path, task, e->dirfd, at ? c->arg[1] : c->arg[0]);
	record__send(&r, KIND_MKDIR, LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(rename_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_rename *e;
	bool plain;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_RENAME, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	plain = call__is(c, rename);
	e->old_dirfd = plain ? AT_FDCWD : (s32)c->arg[0];
	e->new_dirfd = plain ? AT_FDCWD : (s32)c->arg[2];
	e->flags = call__is(c, renameat2) ? c->arg[4] : 0;
	record__name(&r, &e->old_name, &e->old_dir_path, task, e->old_dirfd, plain ? c->arg[0] : c->arg[1]);
	record__name(&r, &e->new_name, &e->new_dir_path, task, e->new_dirfd, plain ? c->arg[1] : c->arg[3]);
	record__send(&r, KIND_RENAME, LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(link_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_link *e;
	bool plain;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_LINK, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	plain = call__is(c, link);
	e->old_dirfd = plain ? AT_FDCWD : (s32)c->arg[0];
	e->new_dirfd = plain ? AT_FDCWD : (s32)c->arg[2];
	e->flags = plain ? 0 : c->arg[4];
	record__name(&r, &e->old_name, &e->old_dir_path, task, e->old_dirfd, plain ? c->arg[0] : c->arg[1]);
	record__name(&r, &e->new_name, &e->new_dir_path, task, e->new_dirfd, plain ? c->arg[1] : c->arg[3]);
	record__send(&r, KIND_LINK, LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(symlink_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_symlink *e;
	bool at;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_SYMLINK, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	at = call__is(c, symlinkat);
	e->dirfd = at ? (s32)c->arg[1] : AT_FDCWD;
	record__user_string(&r, &e->target, (void *)c->arg[0]);
	record__name(&r, &e->name, &e->dir_path, task, e->dirfd, at ? c->arg[2] : c->arg[1]);
	record__send(&r, KIND_SYMLINK, LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(chmod_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_chmod *e;
	bool at;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_CHMOD, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	if (call__is(c, fchmod)) {
		e->fd = c->arg[0];
		e->mode = c->arg[1];
		file_block__fill(&r, &e->file, task, task__file(&r, task, e->fd), 0);
	} else {
		at = call__is(c, fchmodat) || call__is(c, fchmodat2);
		e->fd = at ? (s32)c->arg[0] : AT_FDCWD;
		e->mode = at ? c->arg[2] : c->arg[1];
		e->flags = call__is(c, fchmodat2) ? c->arg[3] : 0;
		record__name(&r, &e->name, &e->dir_path, task, e->fd, at ? c->arg[1] : c->arg[0]);
	}
	record__send(&r, KIND_CHMOD, LANE_BULK);
	return 0;
}

/* The 16-bit calls of i386 say "unchanged" with 0xffff. */
static __always_inline u32 owner__id(struct call *c, u64 id)
{
	if (c->compat && !call__is(c, chown32) && !call__is(c, lchown32) &&
	    !call__is(c, fchown32) && !call__is(c, fchownat))
		return (u16)id == 0xffff ? 0xffffffff : (u16)id;
	return id;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(chown_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_chown *e;
	bool at;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_CHOWN, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	at = call__is(c, fchownat);
	e->owner_uid = owner__id(c, at ? c->arg[2] : c->arg[1]);
	e->owner_gid = owner__id(c, at ? c->arg[3] : c->arg[2]);
	e->flags = at ? c->arg[4] : 0;
	if (call__is(c, fchown) || call__is(c, fchown32)) {
		e->fd = c->arg[0];
		file_block__fill(&r, &e->file, task, task__file(&r, task, e->fd), 0);
	} else {
		e->fd = at ? (s32)c->arg[0] : AT_FDCWD;
		record__name(&r, &e->name, &e->dir_path, task, e->fd, at ? c->arg[1] : c->arg[0]);
	}
	record__send(&r, KIND_CHOWN, LANE_BULK);
	return 0;
}
