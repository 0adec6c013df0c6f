// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Calls that act on another process by its number: ptrace, signals, process_vm_*. And capset. */
#include "file.h"

#define PTRACE_TRACEME 0

/* By the number that the caller's own pid namespace has for it. Kernels that lack them leave the target nameless. */
extern struct task_struct *bpf_task_from_vpid(s32 vpid) __ksym __weak;
extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;

struct target {
	u32 host_pid; /* 0: not resolved */
	u8 comm[16];
};

static __always_inline void target__fill(struct target *t, struct task_struct *found)
{
	t->host_pid = found->pid;
	bpf_probe_read_kernel(t->comm, sizeof(t->comm), __builtin_preserve_access_index(&found->comm));
}

static __always_inline void target__find(struct target *t, struct task_struct *task, s32 pid)
{
	struct task_struct *found;

	/* In the initial pid namespace both numbers are one. */
	if (BPF_CORE_READ(task, thread_pid, level) == 0)
		t->host_pid = pid;
	if (!bpf_task_from_vpid)
		return;
	found = bpf_task_from_vpid(pid);
	if (!found)
		return;
	target__fill(t, found);
	bpf_task_release(found);
}

static __always_inline void target__of(struct target *t, struct pid *pid)
{
	struct task_struct *found;

	t->host_pid = pid__global_nr(pid);
	if (!t->host_pid || !bpf_task_from_pid)
		return;
	found = bpf_task_from_pid(t->host_pid);
	if (!found)
		return;
	target__fill(t, found);
	bpf_task_release(found);
}

/* Since 6.9 (cb12fd8e0dab "pidfd: add pidfs") the pid is the inode's, before the file's. */
struct inode___pidfs {
	void *i_private;
} __attribute__((preserve_access_index));

static __always_inline struct pid *file__pid(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct inode___pidfs *pidfs = (void *)inode;
	char name[8] = {};

	if (!file)
		return NULL;
	if (BPF_CORE_READ(inode, i_sb, s_magic) == PIDFS_MAGIC)
		return BPF_CORE_READ(pidfs, i_private);
	if (BPF_CORE_READ(inode, i_sb, s_magic) != ANON_INODE_MAGIC)
		return NULL;
	bpf_probe_read_kernel(name, 7, BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return name[0] == '[' && name[1] == 'p' && name[2] == 'i' && name[3] == 'd' ? BPF_CORE_READ(file, private_data) :
										       NULL;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(target_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct target target = {};
	struct event_target *e;
	struct call *c;
	struct record r;
	bool is_vm;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	is_vm = call__is(c, process_vm_readv) || call__is(c, process_vm_writev);
	r = call__begin(c, is_vm ? KIND_VMACCESS : KIND_SIGNAL, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->fd = -1;
	if (call__is(c, pidfd_send_signal)) {
		e->fd = c->arg[0];
		e->value0 = c->arg[1];
		target__of(&target, file__pid(task__file(&r, task, e->fd)));
		e->target_pid = target.host_pid;
	} else {
		e->target_pid = c->arg[0];
		if (is_vm) {
			e->value0 = c->arg[2];
			e->value1 = c->arg[4];
		} else if (call__is(c, tgkill)) {
			e->value0 = c->arg[2];
			e->value1 = c->arg[1];
		} else {
			e->value0 = c->arg[1];
		}
		if (e->target_pid > 0)
			target__find(&target, task, e->target_pid);
	}
	e->target_host_pid = target.host_pid;
	__builtin_memcpy(e->target_comm, target.comm, sizeof(e->target_comm));
	record__send(&r, is_vm ? KIND_VMACCESS : KIND_SIGNAL, LANE_BULK);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(ptrace_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct target target = {};
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
	target__find(&target, task, e->target_pid);
	e->target_host_pid = target.host_pid;
	__builtin_memcpy(e->target_comm, target.comm, sizeof(e->target_comm));
	record__send(&r, KIND_PTRACE, c->ret >= 0 ? LANE_RARE : LANE_BULK);
	return 0;
}

/* struct __user_cap_header_struct, and the two halves of __user_cap_data_struct. */
struct capset_data {
	u32 effective, permitted, inheritable;
};

#define CAPABILITY_VERSION_1 0x19980330

SEC("tp_btf/sys_exit")
int BPF_PROG(capset_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct capset_data data[2] = {};
	struct event_capset *e;
	struct call *c;
	struct record r;
	u32 version = 0;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_CAPSET, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->h.flags |= EVENT_USER_MEMORY;
	if (bpf_probe_read_user(&version, sizeof(version), (void *)c->arg[0]) ||
	    bpf_probe_read_user(data, version == CAPABILITY_VERSION_1 ? sizeof(data[0]) : sizeof(data),
				(void *)c->arg[1]))
		e->h.flags |= EVENT_READ_FAILED;
	e->cap_inheritable = (u64)data[1].inheritable << 32 | data[0].inheritable;
	e->cap_permitted = (u64)data[1].permitted << 32 | data[0].permitted;
	e->cap_effective = (u64)data[1].effective << 32 | data[0].effective;
	record__send(&r, KIND_CAPSET, c->ret >= 0 ? LANE_RARE : LANE_BULK);
	return 0;
}
