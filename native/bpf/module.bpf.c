// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Code for the kernel: modules and BPF programs. */
#include "file.h"

SEC("tp_btf/sys_exit")
int BPF_PROG(module_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_module *e;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_MODULE, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	if (call__is(c, finit_module)) {
		e->fd = c->arg[0];
		e->flags = c->arg[2];
		file_block__fill(&r, &e->file, task, task__file(&r, task, e->fd), 0);
		record__user_string(&r, &e->params, (void *)c->arg[1]);
	} else {
		e->fd = -1;
		e->image_size = c->arg[1];
		record__user_string(&r, &e->params, (void *)c->arg[2]);
	}
	record__send(&r, KIND_MODULE, c->ret >= 0 ? LANE_RARE : LANE_BULK);
	return 0;
}

#define PROG_LOAD 5

/* The head of union bpf_attr for BPF_PROG_LOAD (uapi/linux/bpf.h). */
struct prog_load_attr {
	u32 prog_type, insn_cnt;
	u64 insns, license;
	u32 log_level, log_size;
	u64 log_buf;
	u32 kern_version, prog_flags;
	char prog_name[16];
	u32 prog_ifindex, expected_attach_type;
};

SEC("tp_btf/sys_exit")
int BPF_PROG(bpf_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct prog_load_attr attr = {};
	struct call *c;
	struct record r;
	struct event_bpf *e;
	u64 size;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	if ((u32)c->arg[0] != PROG_LOAD)
		return 0;
	r = call__begin(c, KIND_BPF, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->cmd = PROG_LOAD;
	e->h.flags |= EVENT_USER_MEMORY;
	size = c->arg[2];
	barrier_value(size);
	if (size > sizeof(attr))
		size = sizeof(attr);
	if (bpf_probe_read_user(&attr, size, (void *)c->arg[1]))
		e->h.flags |= EVENT_READ_FAILED;
	e->prog_type = attr.prog_type;
	e->insn_count = attr.insn_cnt;
	e->attach_type = attr.expected_attach_type;
	__builtin_memcpy(e->prog_name, attr.prog_name, sizeof(e->prog_name));
	record__send(&r, KIND_BPF, c->ret >= 0 ? LANE_RARE : LANE_BULK);
	return 0;
}
