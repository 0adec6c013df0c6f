// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Power over other processes' memory, and code without a file: ptrace, memfd_create. */
#include "file.h"

#define PTRACE_TRACEME 0

/* By the number that the caller's own pid namespace has for it. Kernels that lack them leave the target nameless. */
extern struct task_struct *bpf_task_from_vpid(s32 vpid) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;

static __always_inline void ptrace__target(struct event_ptrace *e, struct task_struct *task)
{
	struct task_struct *target;

	/* In the initial pid namespace both numbers are one. */
	if (BPF_CORE_READ(task, thread_pid, level) == 0)
		e->target_host_pid = e->target_pid;
	if (!bpf_task_from_vpid)
		return;
	target = bpf_task_from_vpid(e->target_pid);
	if (!target)
		return;
	e->target_host_pid = target->pid;
	bpf_probe_read_kernel(e->target_comm, sizeof(e->target_comm),
			      __builtin_preserve_access_index(&target->comm));
	bpf_task_release(target);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(ptrace_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_ptrace *e;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_PTRACE, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->request = c->arg[0];
	e->addr = c->arg[2];
	e->data = c->arg[3];
	e->target_pid = e->request == PTRACE_TRACEME ? e->h.vpid : (u32)c->arg[1];
	ptrace__target(e, task);
	record__send(&r, KIND_PTRACE, c->ret >= 0 ? LANE_RARE : LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(memfd_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_memfd *e;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_MEMFD, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->flags = c->arg[1];
	record__user_string(&r, &e->name, (void *)c->arg[0]);
	if (c->ret >= 0)
		file_block__fill(&r, &e->file, task, task__file(&r, task, c->ret), 0);
	record__send(&r, KIND_MEMFD, LANE_BULK);
	return 0;
}
