// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* The sensor's own: what was there before it, and the record that closes a lane's last gap. */
#include "file.h"
#include "uring.h"

SEC("iter.s/task")
int task_iter(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	struct event_task *e;
	const struct cred *cred;
	struct mm_struct *mm;
	struct record r;
	u64 start, length, from;
	u8 *room;

	if (!task || task->pid != task->tgid)
		return 0;
	r = record__begin(&iterator_scratch, sizeof(*e));
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	__builtin_memset((void *)e + sizeof(e->h), 0, sizeof(*e) - sizeof(e->h));
	header__task(&e->h, task);
	e->h.abi = ABI_VERSION;
	e->h.kind = KIND_TASK;
	cred = BPF_CORE_READ(task, cred);
	e->cap_permitted = cred__caps(__builtin_preserve_access_index(&cred->cap_permitted));
	e->cap_inheritable = cred__caps(__builtin_preserve_access_index(&cred->cap_inheritable));
	mm = BPF_CORE_READ(task, mm);
	if (mm) {
		struct fs_struct *fs = BPF_CORE_READ(task, fs);

		file_block__fill(&r, &e->exe, task, BPF_CORE_READ(mm, exe_file), 1);
		if (fs)
			record__path(&r, &e->cwd, NULL, task, BPF_CORE_READ(fs, pwd.mnt),
				     BPF_CORE_READ(fs, pwd.dentry), 1);
		start = BPF_CORE_READ(mm, arg_start);
		length = BPF_CORE_READ(mm, arg_end) - start;
		room = record__room(&r);
		if (room && length > 1) {
			if (length > ARGS_MAX) {
				length = ARGS_MAX;
				e->h.flags |= EVENT_TRUNCATED;
			}
			length = (length - 1) & (ARGS_MAX - 1);
			barrier_value(length);
			from = start;
			/* Another process's memory: this helper may sleep, which an iterator may. */
			if (!bpf_copy_from_user_task(room, length & (ARGS_MAX - 1), (void *)from, task, 0))
				record__took(&r, &e->args, length);
			else
				e->h.flags |= EVENT_READ_FAILED;
		}
	}
	length = record__used(&r);
	barrier_value(length);
	if (length > RECORD_MAX)
		return 0;
	e->h.length = length;
	bpf_seq_write(seq, r.bytes, length);
	return 0;
}

/* Run on each cpu by the agent: the sequence it carries shows whether anything before it was lost. */
SEC("raw_tp/sys_enter")
int heartbeat(void *ctx)
{
	struct event_heartbeat *e;
	struct lane_counters *c;
	struct record r;

	for (u32 lane = 0; lane < LANE_COUNT; lane++) {
		u32 key = lane;

		c = bpf_map_lookup_elem(&lane_counters, &key);
		r = record__begin(&iterator_scratch, sizeof(*e));
		if (!c || !r.bytes)
			return 0;
		e = (void *)r.bytes;
		e->h.time_ns = bpf_ktime_get_boot_ns();
		e->h.syscall = -1;
		e->produced = c->produced;
		e->failed = c->failed;
		record__send(&r, KIND_HEARTBEAT, lane);
	}
	held_records__expire();
	return 0;
}
