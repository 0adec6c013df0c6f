// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The one program at syscall exit. What nobody wants ends at one byte of a table; what somebody wants goes on,
 * by tail call, in its kind's own program.
 */
#include "syscalls.h"
#include "maps.h"

SEC("tp_btf/sys_exit")
int BPF_PROG(syscall_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	u32 nr = regs__call_number(regs);
	u32 class;

	if (nr >= SYSCALL_MAX)
		return 0;
	class = task__in_compat_call(task) ? compat_class[nr] : syscall_class[nr];
	if (!class)
		return 0;
	if (cfg_agent_tgid && task->tgid == (int)cfg_agent_tgid)
		return 0;
	bpf_tail_call(ctx, &syscall_programs, class);
	return 0;
}

char LICENSE[] SEC("license") __weak = "GPL";
