// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Mounts and namespaces. */
#include "file.h"

SEC("tp_btf/sys_exit")
int BPF_PROG(mount_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_mount *e;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_MOUNT, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->flags = c->arg[3];
	record__user_string(&r, &e->source, (void *)c->arg[0]);
	record__name(&r, &e->target, &e->target_dir, task, AT_FDCWD, c->arg[1]);
	record__user_string(&r, &e->type, (void *)c->arg[2]);
	record__send(&r, KIND_MOUNT, c->ret >= 0 ? LANE_RARE : LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(setns_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_setns *e;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_SETNS, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->fd = c->arg[0];
	e->ns_type = c->arg[1];
	file_block__fill(&r, &e->file, task, task__file(&r, task, e->fd), 0);
	record__send(&r, KIND_SETNS, c->ret >= 0 ? LANE_RARE : LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(unshare_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_unshare *e;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_UNSHARE, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->flags = c->arg[0];
	record__send(&r, KIND_UNSHARE, c->ret >= 0 ? LANE_RARE : LANE_BULK);
	return 0;
}
