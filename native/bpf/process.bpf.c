// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* fork, exec and exit. */
#include "sock.h"
#include "cgroup.h"

#define CLONE_VM       0x00000100
#define CLONE_FS       0x00000200
#define CLONE_FILES    0x00000400
#define CLONE_SIGHAND  0x00000800
#define CLONE_PARENT   0x00008000
#define CLONE_THREAD   0x00010000
#define CLONE_NEWNS    0x00020000
#define CLONE_NEWCGROUP 0x02000000
#define CLONE_NEWUTS   0x04000000
#define CLONE_NEWIPC   0x08000000
#define CLONE_NEWUSER  0x10000000
#define CLONE_NEWPID   0x20000000
#define CLONE_NEWNET   0x40000000

/* The flags that clone was called with are gone; these follow from what the two tasks share. */
static __always_inline u32 fork__flags(struct task_struct *parent, struct task_struct *child)
{
	struct nsproxy *a = parent->nsproxy, *b = child->nsproxy;
	u32 flags = 0;

	if (child->mm == parent->mm)
		flags |= CLONE_VM;
	if (child->fs == parent->fs)
		flags |= CLONE_FS;
	if (child->files == parent->files)
		flags |= CLONE_FILES;
	if (child->sighand == parent->sighand)
		flags |= CLONE_SIGHAND;
	if (child->cred->user_ns != parent->cred->user_ns)
		flags |= CLONE_NEWUSER;
	if (child->thread_pid->level != parent->thread_pid->level)
		flags |= CLONE_NEWPID;
	if (a == b || !a || !b)
		return flags;
	if (a->mnt_ns != b->mnt_ns)
		flags |= CLONE_NEWNS;
	if (a->uts_ns != b->uts_ns)
		flags |= CLONE_NEWUTS;
	if (a->ipc_ns != b->ipc_ns)
		flags |= CLONE_NEWIPC;
	if (a->net_ns != b->net_ns)
		flags |= CLONE_NEWNET;
	if (a->cgroup_ns != b->cgroup_ns)
		flags |= CLONE_NEWCGROUP;
	return flags;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *child_parent = BPF_CORE_READ(child, real_parent);
	struct record r;
	struct event_fork *e;

	if (!wanted_kind[KIND_FORK] || (cfg_agent_tgid && parent->tgid == (int)cfg_agent_tgid))
		return 0;
	r = record__begin(&record_scratch, sizeof(*e));
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	header__task(&e->h, parent);
	e->child_tid = BPF_CORE_READ(child, pid);
	e->child_pid = BPF_CORE_READ(child, tgid);
	e->child_tid_start_ns = BPF_CORE_READ(child, start_boottime);
	e->child_pid_start_ns = BPF_CORE_READ(child, group_leader, start_boottime);
	e->child_vtid = pid__own_nr(BPF_CORE_READ(child, thread_pid), &e->child_pid_ns);
	e->child_vpid = e->child_tid == e->child_pid ?
				e->child_vtid :
				pid__own_nr(BPF_CORE_READ(child, group_leader, thread_pid), NULL);
	e->child_cgroup_id = task__cgroup_id(child);
	e->child_ppid = BPF_CORE_READ(child_parent, tgid);
	e->child_ppid_start_ns = BPF_CORE_READ(child_parent, group_leader, start_boottime);
	e->clone_flags = fork__flags(parent, child);
	if (e->child_pid != e->child_tid)
		e->clone_flags |= CLONE_THREAD;
	else if (e->child_ppid != e->h.pid)
		e->clone_flags |= CLONE_PARENT;
	e->h.result = e->child_tid;
	record__send(&r, KIND_FORK, LANE_LIFECYCLE);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	struct record r;
	struct event_exit *e;

	if (!wanted_kind[KIND_EXIT] || (cfg_agent_tgid && task->tgid == (int)cfg_agent_tgid))
		return 0;
	r = record__begin(&record_scratch, sizeof(*e));
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	header__task(&e->h, task);
	e->exit_code = BPF_CORE_READ(task, exit_code);
	/* do_exit has counted the last thread down before this tracepoint. */
	e->group_dead = BPF_CORE_READ(task, signal, live.counter) == 0;
	record__send(&r, KIND_EXIT, LANE_LIFECYCLE);
	return 0;
}

/* argv or environment: the strings between two addresses of the task's own memory, NUL between them. */
static __always_inline bool record__strings(struct record *r, struct vstr *field, u64 start, u64 end)
{
	u8 *room = record__room(r);
	u64 length = end - start;
	bool cut = length > ARGS_MAX;

	if (!room || end <= start)
		return false;
	if (cut)
		length = ARGS_MAX;
	length -= 1; /* the last NUL, or the byte that shows that there was more */
	length &= ARGS_MAX - 1;
	barrier_value(length);
	if (bpf_probe_read_user(room, length & (ARGS_MAX - 1), (void *)start))
		record__header(r)->flags |= EVENT_READ_FAILED;
	else
		record__took(r, field, length);
	if (cut)
		record__header(r)->flags |= EVENT_TRUNCATED;
	return cut;
}

static __always_inline void exec__image(struct record *r, struct event_exec *e, struct task_struct *task)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	const struct cred *cred = BPF_CORE_READ(task, cred);
	u32 mode;

	file_block__fill(r, &e->exe, task, BPF_CORE_READ(mm, exe_file), 0);
	mode = e->exe.mode;
	if ((mode & 2) || (e->exe.uid == e->h.euid && (mode & 0200)) ||
	    (e->exe.gid == e->h.egid && (mode & 0020)) || e->h.cap_effective & (1 << 1))
		e->exec_flags |= EXEC_EXE_WRITABLE;
	if (record__strings(r, &e->args, BPF_CORE_READ(mm, arg_start), BPF_CORE_READ(mm, arg_end)))
		e->exec_flags |= EXEC_ARGS_TRUNCATED;
	e->cap_permitted = cred__caps(__builtin_preserve_access_index(&cred->cap_permitted));
	e->cap_inheritable = cred__caps(__builtin_preserve_access_index(&cred->cap_inheritable));
}

/*
 * After the new image is in place, in the thread that has become the leader. The path was checked by the kernel
 * already: bprm->filename is its own copy.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct record r;
	struct event_exec *e;
	struct mm_struct *mm;
	const char *filename, *interp;
	bool compat;

	if (!wanted_kind[KIND_EXEC] || result_wanted[KIND_EXEC] == RESULT_FAILURE ||
	    (cfg_agent_tgid && task->tgid == (int)cfg_agent_tgid))
		return 0;
	r = record__begin(&record_scratch, sizeof(*e));
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	__builtin_memset((void *)e + sizeof(e->h), 0, sizeof(*e) - sizeof(e->h));
	header__task(&e->h, task);
	compat = task__in_compat_call(task);
	if (compat)
		e->h.flags |= EVENT_COMPAT;
	e->h.syscall = regs__call_number((void *)bpf_task_pt_regs(task));
	/* x86 has made it execve's number by now (set_personality_64bit); only execveat with a dirfd leaves a trace. */
	if (BPF_CORE_READ(bprm, fdpath))
		e->h.syscall = compat ? COMPAT_execveat : NATIVE_execveat;
	exec__image(&r, e, task);
	e->argc = BPF_CORE_READ(bprm, argc);
	if (BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec))
		e->exec_flags |= EXEC_SETID;
	filename = BPF_CORE_READ(bprm, filename);
	interp = BPF_CORE_READ(bprm, interp);
	record__kernel_string(&r, &e->path, filename);
	if (interp != filename)
		record__kernel_string(&r, &e->interpreter, interp);
	record__directory(&r, &e->cwd, task, AT_FDCWD);
	mm = BPF_CORE_READ(task, mm);
	if (env_wanted &&
	    record__strings(&r, &e->env, BPF_CORE_READ(mm, env_start), BPF_CORE_READ(mm, env_end)))
		e->exec_flags |= EXEC_ENV_TRUNCATED;
	endpoint__fill(&r, &e->stdin_file, &e->stdin_sock, task, task__file(NULL, task, 0));
	endpoint__fill(&r, &e->stdout_file, &e->stdout_sock, task, task__file(NULL, task, 1));
	record__cgroup(&r, &e->cgroup, task, 0);
	record__send(&r, KIND_EXEC, LANE_RARE);
	return 0;
}

/* Failures only: a successful exec has told already. */
SEC("tp_btf/sys_exit")
int BPF_PROG(exec_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_exec *e;
	bool at;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	if (c->ret >= 0)
		return 0;
	r = call__begin(c, KIND_EXEC, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	at = call__is(c, execveat);
	record__user_string(&r, &e->path, (void *)(at ? c->arg[1] : c->arg[0]));
	record__directory(&r, &e->cwd, task, at ? (s32)c->arg[0] : AT_FDCWD);
	record__send(&r, KIND_EXEC, LANE_BULK);
	return 0;
}
