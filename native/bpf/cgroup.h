/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The path of a task's cgroup in the hierarchy chosen at load, from the kernel's own tree of names. */
#ifndef ATALAYA_CGROUP_H
#define ATALAYA_CGROUP_H

#include "path.h"
#include "task.h"

/* Deeper than containers in containers in slices; what is deeper has no path. */
#define CGROUP_STEPS_MAX 64
#define CGROUP_NAME_MAX	 256
/* In the half of the buffer that paths are not written to. */
#define CGROUP_NAME_AT	 (PATH_END + 1024)

/* 6.15 (633488947ef6 "kernfs: Use RCU to access kernfs_node::parent.") renamed the member. */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

struct kernfs_node___plain {
	struct kernfs_node *parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *kernfs__parent(struct kernfs_node *node)
{
	struct kernfs_node___rcu *rcu = (void *)node;
	struct kernfs_node___plain *plain = (void *)node;

	return bpf_core_field_exists(rcu->__parent) ? BPF_CORE_READ(rcu, __parent) : BPF_CORE_READ(plain, parent);
}

struct cgroup_walk {
	struct kernfs_node *node;
	u32 position; /* of the first byte written */
	u32 buffer;
	bool complete;
};

static long cgroup_walk__step(u32 index, struct cgroup_walk *w)
{
	struct path_scratch *buffer = bpf_map_lookup_elem(&path_buffers, &w->buffer);
	struct kernfs_node *node = w->node;
	struct kernfs_node *parent = kernfs__parent(node);
	u64 length, at;
	long n;

	if (!buffer)
		return 1;
	if (!parent) {
		w->complete = true;
		return 1;
	}
	n = bpf_probe_read_kernel_str(buffer->bytes + CGROUP_NAME_AT, CGROUP_NAME_MAX, BPF_CORE_READ(node, name));
	if (n <= 1 || n > CGROUP_NAME_MAX)
		return 1;
	length = n - 1;
	barrier_value(length);
	if (length > 255 || w->position < length + 1)
		return 1;
	at = w->position - length;
	at &= PATH_END - 1;
	barrier_value(at);
	if (at == 0 || at > PATH_END)
		return 1;
	bpf_probe_read_kernel(buffer->bytes + at, length, buffer->bytes + CGROUP_NAME_AT);
	buffer->bytes[at - 1] = '/';
	w->position = at - 1;
	w->node = parent;
	return 0;
}

/* Absent where the walk did not reach the root. The root itself is "/". */
static __always_inline void record__cgroup(struct record *r, struct vstr *field, struct task_struct *task, u32 index)
{
	struct cgroup_walk w = { .node = task__cgroup_node(task), .position = PATH_END, .buffer = index };
	struct path_scratch *buffer = bpf_map_lookup_elem(&path_buffers, &index);
	u8 *room = record__room(r);
	u64 start, length;

	if (!buffer || !room || !w.node)
		return;
	bpf_loop(CGROUP_STEPS_MAX, cgroup_walk__step, &w, 0);
	if (!w.complete)
		return;
	start = w.position;
	barrier_value(start);
	if (start > PATH_END)
		return;
	length = PATH_END - start;
	if (length == 0) {
		room[0] = '/';
		return record__took(r, field, 1);
	}
	if (length >= PATH_BYTES_MAX)
		return;
	length &= PATH_BYTES_MAX - 1;
	barrier_value(length);
	bpf_probe_read_kernel(room, length & (PATH_BYTES_MAX - 1), buffer->bytes + (start & (PATH_END * 2 - 1)));
	record__took(r, field, length);
}

#endif
