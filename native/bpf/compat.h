/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Kernel differences, each behind one accessor. */
#ifndef ATALAYA_COMPAT_H
#define ATALAYA_COMPAT_H

#include "kernel.h"

/*
 * Inode times. 6.11 (3aa63a569c64 "fs: switch timespec64 fields in inode to discrete integers") has
 * i_ctime_sec and i_ctime_nsec; 6.6 (13bc24457850 "fs: rename i_ctime field to __i_ctime") has __i_ctime;
 * before that it is i_ctime. The modification time went the same way one release later.
 */
struct inode___timespec {
	struct timespec64 i_mtime, i_ctime;
} __attribute__((preserve_access_index));

struct inode___underscore {
	struct timespec64 __i_mtime, __i_ctime;
} __attribute__((preserve_access_index));

static __always_inline u64 timespec__ns(const struct timespec64 *t)
{
	struct timespec64 copy = {};

	bpf_probe_read_kernel(&copy, sizeof(copy), t);
	return (u64)copy.tv_sec * 1000000000ULL + (u64)copy.tv_nsec;
}

/*
 * Since 6.13 (4e40eff0b573 "fs: add infrastructure for multigrain timestamps") the highest bit of i_ctime_nsec says
 * that somebody has asked for the time, by stat for example.
 */
#define CTIME_QUERIED (1U << 31)

static __always_inline u64 inode__ctime_ns(struct inode *inode)
{
	struct inode___underscore *u = (void *)inode;
	struct inode___timespec *t = (void *)inode;

	if (bpf_core_field_exists(inode->i_ctime_sec))
		return (u64)BPF_CORE_READ(inode, i_ctime_sec) * 1000000000ULL +
		       (BPF_CORE_READ(inode, i_ctime_nsec) & ~CTIME_QUERIED);
	if (bpf_core_field_exists(u->__i_ctime))
		return timespec__ns(__builtin_preserve_access_index(&u->__i_ctime));
	return timespec__ns(__builtin_preserve_access_index(&t->i_ctime));
}

static __always_inline u64 inode__mtime_ns(struct inode *inode)
{
	struct inode___underscore *u = (void *)inode;
	struct inode___timespec *t = (void *)inode;

	if (bpf_core_field_exists(inode->i_mtime_sec))
		return (u64)BPF_CORE_READ(inode, i_mtime_sec) * 1000000000ULL +
		       BPF_CORE_READ(inode, i_mtime_nsec);
	if (bpf_core_field_exists(u->__i_mtime))
		return timespec__ns(__builtin_preserve_access_index(&u->__i_mtime));
	return timespec__ns(__builtin_preserve_access_index(&t->i_mtime));
}

#endif
