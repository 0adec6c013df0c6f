// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* The set*id families. */
#include "call.h"

#define UNCHANGED 0xffffffff

struct ids {
	u32 uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
};

/*
 * The ids that a task had when it last came by here: at syscall exit only the new ones are left. Another image may
 * have brought others (set-user-ID), so they count only for the image that they were noted of.
 */
struct noted {
	struct ids ids;
	u64 exec_id; /* of the image, plus one, so that zeroed storage is nobody's */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct noted);
} last_ids SEC(".maps");

/* i386's 16-bit calls say "unchanged" with 0xffff. */
static __always_inline u32 id__wide(u64 id, bool narrow)
{
	return narrow ? ((u16)id == 0xffff ? UNCHANGED : (u16)id) : (u32)id;
}

static __always_inline struct ids task__ids(struct task_struct *task)
{
	const struct cred *cred = task->cred;
	struct ids ids = {
		.uid = cred->uid.val,
		.euid = cred->euid.val,
		.suid = cred->suid.val,
		.fsuid = cred->fsuid.val,
		.gid = cred->gid.val,
		.egid = cred->egid.val,
		.sgid = cred->sgid.val,
		.fsgid = cred->fsgid.val,
	};

	return ids;
}

static __always_inline bool ids__equal(const struct ids *a, const struct ids *b)
{
	return a->uid == b->uid && a->euid == b->euid && a->suid == b->suid && a->fsuid == b->fsuid &&
	       a->gid == b->gid && a->egid == b->egid && a->sgid == b->sgid && a->fsgid == b->fsgid;
}

/* What only this call decides is in the record by now; the rest of it, and the lane. */
static __always_inline void setid__send(struct record *r, struct call *c, u16 kind, struct task_struct *task)
{
	struct event_setid *e = (void *)r->bytes;
	u64 exec_id = task->self_exec_id + 1;
	struct ids now = task__ids(task);
	struct noted *last;
	bool changed = true;

	last = bpf_task_storage_get(&last_ids, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (last && last->exec_id == exec_id) {
		e->old_real = kind == KIND_SETUID ? last->ids.uid : last->ids.gid;
		e->old_effective = kind == KIND_SETUID ? last->ids.euid : last->ids.egid;
		changed = !ids__equal(&last->ids, &now);
	}
	if (last) {
		last->ids = now;
		last->exec_id = exec_id;
	}
	record__send(r, kind, c->ret >= 0 && changed ? LANE_RARE : LANE_BULK);
}

static __always_inline struct record setid__begin(struct call *c, u16 kind, struct task_struct *task)
{
	struct record r = call__begin(c, kind, sizeof(struct event_setid), task);
	struct event_setid *e = (void *)r.bytes;

	if (!r.bytes)
		return r;
	e->new_real = e->new_effective = e->new_saved = e->new_fs = UNCHANGED;
	e->old_real = e->old_effective = UNCHANGED;
	return r;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(setuid_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct event_setid *e;
	struct record r;
	struct call *c;
	bool narrow;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = setid__begin(c, KIND_SETUID, task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	narrow = c->compat && (call__is(c, setuid) || call__is(c, setreuid) ||
			       call__is(c, setresuid) || call__is(c, setfsuid));
	if (call__is(c, setfsuid) || call__is(c, setfsuid32)) {
		e->new_fs = id__wide(c->arg[0], narrow);
	} else {
		e->new_real = id__wide(c->arg[0], narrow);
		if (!call__is(c, setuid) && !call__is(c, setuid32))
			e->new_effective = id__wide(c->arg[1], narrow);
		if (call__is(c, setresuid) || call__is(c, setresuid32))
			e->new_saved = id__wide(c->arg[2], narrow);
	}
	setid__send(&r, c, KIND_SETUID, task);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(setgid_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct event_setid *e;
	struct record r;
	struct call *c;
	bool narrow;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = setid__begin(c, KIND_SETGID, task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	narrow = c->compat && (call__is(c, setgid) || call__is(c, setregid) ||
			       call__is(c, setresgid) || call__is(c, setfsgid));
	if (call__is(c, setfsgid) || call__is(c, setfsgid32)) {
		e->new_fs = id__wide(c->arg[0], narrow);
	} else {
		e->new_real = id__wide(c->arg[0], narrow);
		if (!call__is(c, setgid) && !call__is(c, setgid32))
			e->new_effective = id__wide(c->arg[1], narrow);
		if (call__is(c, setresgid) || call__is(c, setresgid32))
			e->new_saved = id__wide(c->arg[2], narrow);
	}
	setid__send(&r, c, KIND_SETGID, task);
	return 0;
}
