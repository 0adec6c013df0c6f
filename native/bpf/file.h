/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What a descriptor refers to, and where a relative name begins. */
#ifndef ATALAYA_FILE_H
#define ATALAYA_FILE_H

#include "path.h"
#include "call.h"

#define AT_FDCWD	   (-100)
#define FMODE_CREATED	   0x100000
#define OVERLAYFS_MAGIC	   0x794c7630
#define TMPFS_MAGIC	   0x01021994
#define S_IFMT		   00170000
#define S_IFSOCK	   0140000
#define S_IFIFO		   0010000
#define ANON_INODE_MAGIC   0x09041934
#define PIPEFS_MAGIC	   0x50495045
#define SOCKFS_MAGIC	   0x534f434b
#define NSFS_MAGIC	   0x6e736673
#define PIDFS_MAGIC	   0x50494446

/* The file behind a descriptor of this task; flags the record when another thread may have swapped it. */
static __always_inline struct file *task__file(struct record *r, struct task_struct *task, s32 fd)
{
	struct files_struct *files = BPF_CORE_READ(task, files);
	struct fdtable *table = BPF_CORE_READ(files, fdt);
	struct file **slots = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (r && BPF_CORE_READ(files, count.counter) > 1)
		record__header(r)->flags |= EVENT_FILES_SHARED;
	if (fd < 0 || (u32)fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), slots + (u32)fd);
	return file;
}

/*
 * Which layer an overlay's file is in: an upper dentry means copied up or new. ovl_inode embeds the inode and
 * keeps the upper dentry right behind it (since 4.19, 09d8b586731b "ovl: move __upperdentry to ovl_inode").
 */
static __always_inline u8 inode__overlay(struct inode *inode, u64 magic)
{
	struct dentry *upper = NULL;

	if (magic != OVERLAYFS_MAGIC)
		return OVERLAY_NONE;
	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
	return upper ? OVERLAY_UPPER : OVERLAY_LOWER;
}

static __always_inline bool magic__has_no_path(u64 magic)
{
	return magic == ANON_INODE_MAGIC || magic == PIPEFS_MAGIC || magic == SOCKFS_MAGIC ||
	       magic == NSFS_MAGIC || magic == PIDFS_MAGIC;
}

static __always_inline void file_block__inode(struct file_block *b, struct inode *inode, u64 magic)
{
	b->inode = BPF_CORE_READ(inode, i_ino);
	b->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	b->mode = BPF_CORE_READ(inode, i_mode);
	b->nlink = BPF_CORE_READ(inode, i_nlink);
	b->uid = BPF_CORE_READ(inode, i_uid.val);
	b->gid = BPF_CORE_READ(inode, i_gid.val);
	b->ctime_ns = inode__ctime_ns(inode);
	b->mtime_ns = inode__mtime_ns(inode);
	b->overlay = inode__overlay(inode, magic);
	if (b->mode & 2)
		b->file_flags |= FILE_WRITABLE_BY_OTHERS;
}

/* memfd files are tmpfs files without a directory, named "memfd:NAME" by the kernel. */
static __always_inline bool dentry__is_memfd(struct dentry *dentry)
{
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	char start[8] = {};

	bpf_probe_read_kernel(start, 6, name);
	return start[0] == 'm' && start[1] == 'e' && start[2] == 'm' && start[3] == 'f' &&
	       start[4] == 'd' && start[5] == ':';
}

static __always_inline bool dentry__is_hashed(struct dentry *dentry)
{
	return BPF_CORE_READ(dentry, d_hash.pprev) != NULL;
}

/* No path: what the dentry is called (a memfd's name), if anything. */
static __always_inline void file_block__label(struct record *r, struct file_block *b,
					      struct dentry *dentry)
{
	b->file_flags |= FILE_NOT_PATH;
	record__kernel_string(r, &b->path, BPF_CORE_READ(dentry, d_name.name));
}

static __always_inline void file_block__fill(struct record *r, struct file_block *b,
					     struct task_struct *task, struct file *file, u32 buffer)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);
	u64 magic = BPF_CORE_READ(inode, i_sb, s_magic);
	u32 f_mode = BPF_CORE_READ(file, f_mode);

	if (!inode)
		return;
	file_block__inode(b, inode, magic);
	b->open_flags = BPF_CORE_READ(file, f_flags);
	if (f_mode & FMODE_CREATED)
		b->file_flags |= FILE_CREATED;
	if (magic__has_no_path(magic))
		return file_block__label(r, b, dentry);
	if (BPF_CORE_READ(dentry, d_parent) == dentry) {
		if (magic == TMPFS_MAGIC && dentry__is_memfd(dentry)) {
			b->file_flags |= FILE_MEMFD | FILE_DELETED;
			return file_block__label(r, b, dentry);
		}
	} else if (!dentry__is_hashed(dentry)) {
		b->file_flags |= FILE_DELETED;
	}
	record__path(r, &b->path, &b->path_root_offset, task, mnt, dentry, buffer);
}

/* Whether rules name the file that was opened, by itself, by what it is called, or by its directory. */
static __always_inline void record__note_named(struct record *r, struct file_block *b, struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct name_key name = {};
	const unsigned char *from;

	if (!has_named || !dentry)
		return;
	if (named_file__has(b->inode, b->dev)) {
		r->touch = TOUCH_NAMED;
		return;
	}
	from = BPF_CORE_READ(dentry, d_name.name);
	/* A longer name fills the key to its last byte but the NUL, as none in the map does. */
	if (bpf_probe_read_kernel_str(name.bytes, sizeof(name.bytes), from) > 0 &&
	    bpf_map_lookup_elem(&named_names, &name))
		r->touch = TOUCH_NAME;
	else if (named_file__has(BPF_CORE_READ(dentry, d_parent, d_inode, i_ino), b->dev))
		r->touch = TOUCH_DIRECTORY;
}

/* The directory from which a relative name counts: that of dirfd, else the working directory. */
static __always_inline void record__directory(struct record *r, struct vstr *field,
					      struct task_struct *task, s32 dirfd)
{
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct vfsmount *mnt;
	struct dentry *dentry;
	struct file *file;

	if (dirfd == AT_FDCWD) {
		mnt = BPF_CORE_READ(fs, pwd.mnt);
		dentry = BPF_CORE_READ(fs, pwd.dentry);
	} else {
		file = task__file(r, task, dirfd);
		if (!file)
			return;
		mnt = BPF_CORE_READ(file, f_path.mnt);
		dentry = BPF_CORE_READ(file, f_path.dentry);
	}
	record__path(r, field, NULL, task, mnt, dentry, 0);
}

/* A name from user memory, and its directory when it is relative. */
static __always_inline void record__name(struct record *r, struct vstr *name, struct vstr *directory,
					 struct task_struct *task, s32 dirfd, u64 user)
{
	u64 at = record__used(r);

	record__user_string(r, name, (const void *)user);
	barrier_value(at);
	if (at <= STRING_START_MAX && name->length && r->bytes[at] == '/')
		return;
	record__directory(r, directory, task, dirfd);
}

#endif
