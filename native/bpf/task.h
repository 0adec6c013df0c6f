/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Who did it: the header's facts about a task. `task` is always a pointer that the verifier trusts (a tracepoint's
 * argument, the current task, the iterator's), so members are plain loads, which fault to zero; a helper call each
 * would double the cost of a record.
 */
#ifndef ATALAYA_TASK_H
#define ATALAYA_TASK_H

#include "record.h"

enum pid_type {
	PIDTYPE_PGID = 2,
	PIDTYPE_SID = 3,
};

static __always_inline int pid__global_nr(struct pid *pid)
{
	return pid ? BPF_CORE_READ(pid, numbers[0].nr) : 0;
}

/* The number that the task's own (innermost) pid namespace has for it, and that namespace. */
static __always_inline u32 pid__own_nr(struct pid *pid, u32 *ns_inum)
{
	struct upid innermost = {};
	u32 level;

	if (!pid)
		return 0;
	level = BPF_CORE_READ(pid, level);
	bpf_probe_read_kernel(&innermost, sizeof(innermost),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid));
	if (ns_inum)
		*ns_inum = BPF_CORE_READ(innermost.ns, ns.inum);
	return innermost.nr;
}

/* The directory that stands for the task's cgroup. */
static __always_inline struct kernfs_node *task__cgroup_node(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup_subsys_state *state = NULL;

	if (cfg_cgroup_subsys < 0)
		return BPF_CORE_READ(set, dfl_cgrp, kn);
	bpf_probe_read_kernel(&state, sizeof(state),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				      (u32)cfg_cgroup_subsys * sizeof(void *));
	return BPF_CORE_READ(state, cgroup, kn);
}

static __always_inline u64 task__cgroup_id(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup_subsys_state *state = NULL;

	if (cfg_cgroup_subsys < 0)
		return set->dfl_cgrp->kn->id;
	bpf_probe_read_kernel(&state, sizeof(state),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				      (u32)cfg_cgroup_subsys * sizeof(void *));
	return BPF_CORE_READ(state, cgroup, kn, id);
}

static __always_inline u32 tty__number(struct tty_struct *tty)
{
	struct tty_driver *driver;

	if (!tty)
		return 0;
	driver = tty->driver;
	return driver->major << 20 |
	       (driver->minor_start + tty->index);
}

static __always_inline u64 cred__caps(const void *field)
{
	u64 caps = 0;

	bpf_probe_read_kernel(&caps, sizeof(caps), field);
	return caps;
}

static __always_inline void header__cred(struct event_header *h, const struct cred *cred)
{
	h->uid = cred->uid.val;
	h->euid = cred->euid.val;
	h->gid = cred->gid.val;
	h->egid = cred->egid.val;
	h->cap_effective = cred__caps(__builtin_preserve_access_index(&cred->cap_effective));
	h->user_ns = cred->user_ns->ns.inum;
}

static __always_inline void header__exe(struct event_header *h, struct task_struct *task)
{
	struct inode *inode = task->mm->exe_file->f_inode;

	if (!inode)
		return;
	h->exe_inode = inode->i_ino;
	h->exe_dev = inode->i_sb->s_dev;
}

/* Everything of the header but what record__send sets, the call and the result. */
static __always_inline void header__task(struct event_header *h, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct task_struct *parent = leader->real_parent;
	struct signal_struct *signal = task->signal;
	struct nsproxy *ns = task->nsproxy;

	h->time_ns = bpf_ktime_get_boot_ns();
	h->syscall = -1;
	h->tid = task->pid;
	h->pid = task->tgid;
	h->tid_start_ns = task->start_boottime;
	h->pid_start_ns = leader->start_boottime;
	h->ppid = parent->tgid;
	h->ppid_start_ns = parent->group_leader->start_boottime;
	h->session = pid__global_nr(signal->pids[PIDTYPE_SID]);
	h->pgid = pid__global_nr(signal->pids[PIDTYPE_PGID]);
	h->vtid = pid__own_nr(task->thread_pid, &h->pid_ns);
	h->vpid = h->tid == h->pid ? h->vtid :
				     pid__own_nr(leader->thread_pid, NULL);
	h->tty = tty__number(signal->tty);
	h->loginuid = task->loginuid.val;
	h->cgroup_id = task__cgroup_id(task);
	if (ns) {
		h->mnt_ns = ns->mnt_ns->ns.inum;
		h->net_ns = ns->net_ns->ns.inum;
	}
	header__cred(h, task->cred);
	header__exe(h, task);
	bpf_probe_read_kernel(h->comm, sizeof(h->comm),
			      __builtin_preserve_access_index(&task->comm));
}

#endif
