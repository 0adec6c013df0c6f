/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The path of a (mount, dentry), walked from the leaf to the root of the mount namespace, `..`, links, bind
 * mounts and the caller's own string all being out of the picture. On the way it notes where the walk passed the
 * process's own root, so one text serves both views.
 */
#ifndef ATALAYA_PATH_H
#define ATALAYA_PATH_H

#include "record.h"
#include "compat.h"

/* Directories below each other: the deepest that a 4,095-byte path can name is 2,048. */
#define PATH_STEPS_MAX 2200
#define PATH_END       (PATH_SCRATCH / 2) /* the upper half is room for the verifier's masks */

struct path_walk {
	struct dentry *dentry;
	struct mount *mount;
	struct dentry *mount_root;
	struct dentry *root_dentry; /* the process's own root */
	struct vfsmount *root_mount;
	u32 position;	   /* of the first byte written */
	u32 root_position; /* 0 = the process's root was not passed */
	u32 buffer;
	bool complete;
};

/* d_parent and d_name follow each other in struct dentry: one read for both. */
struct dentry_link {
	struct dentry *parent;
	u64 hash_len;
	const unsigned char *name;
};

static __always_inline struct mount *mount__of(struct vfsmount *mnt)
{
	return mnt ? (void *)mnt - bpf_core_field_offset(struct mount, mnt) : NULL;
}

static __always_inline struct vfsmount *mount__vfs(struct mount *mount)
{
	return (void *)mount + bpf_core_field_offset(struct mount, mnt);
}

static long path_walk__step(u32 index, struct path_walk *w)
{
	struct path_scratch *buffer = bpf_map_lookup_elem(&path_buffers, &w->buffer);
	struct dentry *dentry = w->dentry;
	struct mount *mount = w->mount;
	struct dentry_link link = {};
	struct mount *parent_mount;
	u64 length, at;

	if (!buffer)
		return 1;
	if (dentry == w->root_dentry && mount__vfs(mount) == w->root_mount && !w->root_position)
		w->root_position = w->position;
	if (dentry == w->mount_root) {
		parent_mount = BPF_CORE_READ(mount, mnt_parent);
		if (parent_mount == mount || !parent_mount) {
			/* A mount that was taken out of its namespace is its own root. */
			w->complete = BPF_CORE_READ(mount, mnt_ns) != NULL;
			return 1;
		}
		w->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		w->mount = parent_mount;
		w->mount_root = BPF_CORE_READ(parent_mount, mnt.mnt_root);
		return 0;
	}
	if (bpf_probe_read_kernel(&link, sizeof(link), __builtin_preserve_access_index(&dentry->d_parent)))
		return 1;
	if (link.parent == dentry)
		return 1;
	length = (link.hash_len >> 32) & 255;
	if (w->position < length + 1)
		return 1;
	at = w->position - length;
	at &= PATH_END * 2 - 1;
	barrier_value(at);
	barrier_value(length);
	if (at > PATH_SCRATCH - 256 || at == 0 || length > 255)
		return 1;
	bpf_probe_read_kernel(buffer->bytes + at, length, link.name);
	buffer->bytes[at - 1] = '/';
	w->position = at - 1;
	w->dentry = link.parent;
	return 0;
}

/* Writes the path into the record; root_offset: where in it the process's own view begins. */
static __always_inline void record__path(struct record *r, struct vstr *field, u16 *root_offset,
					 struct task_struct *task, struct vfsmount *mnt,
					 struct dentry *dentry, u32 buffer_index)
{
	struct mount *mount = mount__of(mnt);
	struct path_walk w = {
		.dentry = dentry,
		.mount = mount,
		.position = PATH_END,
		.buffer = buffer_index,
	};
	struct path_scratch *buffer = bpf_map_lookup_elem(&path_buffers, &buffer_index);
	u8 *room = record__room(r);
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	u64 start, length;

	if (!buffer || !room || !mnt || !dentry)
		return;
	w.mount_root = BPF_CORE_READ(mount, mnt.mnt_root);
	w.root_dentry = BPF_CORE_READ(fs, root.dentry);
	w.root_mount = BPF_CORE_READ(fs, root.mnt);
	bpf_loop(PATH_STEPS_MAX, path_walk__step, &w, 0);
	if (!w.complete)
		record__header(r)->flags |= EVENT_PATH_INCOMPLETE;
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
		length = PATH_BYTES_MAX - 1;
	length &= PATH_BYTES_MAX - 1;
	barrier_value(length);
	bpf_probe_read_kernel(room, length & (PATH_BYTES_MAX - 1), buffer->bytes + (start & (PATH_END * 2 - 1)));
	if (root_offset && w.root_position > start && w.root_position <= PATH_END)
		*root_offset = w.root_position - start;
	record__took(r, field, length);
}

#endif
