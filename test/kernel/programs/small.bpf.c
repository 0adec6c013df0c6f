// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The sensor's object without its weight, for tests of the addon: the same maps, options and program names, but every
 * program is so small that the kernel takes it at once. While its plan wants opens, each getppid makes one record in the
 * lane and of the length that the call's unused arguments ask for, so that a test decides what a ring gets.
 *
 * -DOTHER_ABI=N: an object of another build. -DREFUSED: with a program that no verifier takes. -DUNATTACHABLE: with one
 * that loads, for a tracepoint that there is not.
 */
#ifdef OTHER_ABI
#define abi_version abi_version_of_the_headers
#include "maps.h"
#undef abi_version
const volatile u32 abi_version = OTHER_ABI;
#else
#include "maps.h"
#endif
#include "programs.h"
#include "record.h"
#include "syscalls.h"

#if defined(__TARGET_ARCH_arm64)
#define GETPPID 173
#else
#define GETPPID 110
#endif

#define EXIT_PROGRAM(name)                                                                         \
	SEC("tp_btf/sys_exit")                                                                     \
	int name(void *ctx)                                                                        \
	{                                                                                          \
		return 0;                                                                          \
	}
#define EXIT_CALL(kind, name) EXIT_PROGRAM(name)
OWN_EXIT_CALLS(EXIT_CALL)
SHARED_EXIT_PROGRAMS(EXIT_PROGRAM)

SEC("tp_btf/sys_exit")
int BPF_PROG(syscall_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct event_header *h;
	struct record r;
	struct call *c;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	if (c->nr != GETPPID || !wanted_kind[KIND_OPEN] || c->arg[0] >= LANE_COUNT)
		return 0;
	if (c->arg[1] < sizeof(*h))
		return 0;
	r = record__begin(&record_scratch, c->arg[1]);
	if (!r.bytes)
		return 0;
	h = record__header(&r);
	h->time_ns = bpf_ktime_get_boot_ns();
	h->syscall = c->nr;
	h->result = ret;
	h->tid = task->pid;
	h->pid = task->tgid;
	record__send(&r, KIND_OPEN, c->arg[0]);
	return 0;
}

SEC("iter.s/task")
int task_iter(struct bpf_iter__task *ctx)
{
	return 0;
}

SEC("raw_tp/sys_enter")
int heartbeat(void *ctx)
{
	struct record r;

	for (u32 lane = 0; lane < LANE_COUNT; lane++) {
		r = record__begin(&iterator_scratch, sizeof(struct event_heartbeat));
		if (!r.bytes)
			return 0;
		record__header(&r)->time_ns = bpf_ktime_get_boot_ns();
		record__send(&r, KIND_HEARTBEAT, lane);
	}
	return 0;
}

#ifdef REFUSED
SEC("tp_btf/sys_exit")
int BPF_PROG(refused, struct pt_regs *regs, long ret)
{
	/* A number is no pointer. */
	return *(volatile int *)ret;
}
#endif

#ifdef UNATTACHABLE
SEC("raw_tp/no_such_tracepoint")
int nowhere(void *ctx)
{
	return 0;
}
#endif

char LICENSE[] SEC("license") = "GPL";
