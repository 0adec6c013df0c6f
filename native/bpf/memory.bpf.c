// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Code without a file: memfd_create. */
#include "file.h"

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
