/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What a record is about, in the few numbers by which records are counted and first touches told from repeats. */
#ifndef ATALAYA_OBJECT_H
#define ATALAYA_OBJECT_H

#include "budget.h"
#include "maps.h"

#define OPEN_CHANGES (03 | 0100 | 01000 | 02000) /* O_ACCMODE, O_CREAT, O_TRUNC, O_APPEND */
#define MODE_SPECIAL (06000 | 022)		 /* set-user-ID, set-group-ID, writable by group and others */

static __always_inline void object__file(struct counted_key *k, struct file_block *b)
{
	k->object = b->inode;
	k->object_dev = b->dev;
}

static __always_inline void object__address(struct counted_key *k, struct event_net *e)
{
	struct sock_block *s = &e->sock;
	u64 half[2];

	__builtin_memcpy(half, e->addr_family ? e->addr : s->remote, sizeof(half));
	k->object = half[0] ^ (half[1] << 1 | half[1] >> 63);
	k->object_dev = e->addr_family ? e->addr_port : s->remote_port;
	k->class = (u32)s->family << 16 | s->type;
}

/* The call itself is part of it: one kind has many. */
static __always_inline void object__call(struct counted_key *k, struct event_call *e)
{
	if (e->file.mode) {
		object__file(k, &e->file);
	} else {
		k->object = e->value0;
		k->object_dev = e->value1;
	}
	k->class = e->h.syscall;
}

static __always_inline void object__fill(struct counted_key *k, u8 *bytes, u16 kind)
{
	switch (kind) {
	case KIND_EXEC:
		k->object = k->exe_inode;
		k->object_dev = k->exe_dev;
		break;
	case KIND_FORK:
		k->class = ((struct event_fork *)bytes)->clone_flags;
		break;
	case KIND_OPEN:
		object__file(k, &((struct event_open *)bytes)->file);
		k->class = ((struct event_open *)bytes)->flags & OPEN_CHANGES;
		break;
	case KIND_DUP:
		object__file(k, &((struct event_dup *)bytes)->file);
		break;
	case KIND_CHMOD:
		object__file(k, &((struct event_chmod *)bytes)->file);
		k->class = ((struct event_chmod *)bytes)->mode & MODE_SPECIAL;
		break;
	case KIND_CHOWN:
		object__file(k, &((struct event_chown *)bytes)->file);
		break;
	case KIND_SOCKET:
		k->object = ((struct event_socket *)bytes)->domain;
		k->class = ((struct event_socket *)bytes)->type;
		break;
	case KIND_CONNECT:
	case KIND_ACCEPT:
	case KIND_BIND:
	case KIND_LISTEN:
	case KIND_SEND:
		object__address(k, (struct event_net *)bytes);
		break;
	case KIND_SETUID:
	case KIND_SETGID: {
		struct event_setid *e = (void *)bytes;

		k->object = (u64)e->old_effective << 32 | (kind == KIND_SETUID ? e->h.euid : e->h.egid);
		break;
	}
	case KIND_PTRACE:
		k->object = ((struct event_ptrace *)bytes)->target_pid;
		k->class = ((struct event_ptrace *)bytes)->request;
		break;
	case KIND_MODULE:
		object__file(k, &((struct event_module *)bytes)->file);
		break;
	case KIND_BPF:
		k->object = ((struct event_bpf *)bytes)->prog_type;
		k->class = ((struct event_bpf *)bytes)->cmd;
		break;
	case KIND_MOUNT:
		k->object = ((struct event_mount *)bytes)->flags;
		break;
	case KIND_SETNS:
		object__file(k, &((struct event_setns *)bytes)->file);
		k->class = ((struct event_setns *)bytes)->ns_type;
		break;
	case KIND_UNSHARE:
		k->object = ((struct event_unshare *)bytes)->flags;
		break;
	case KIND_SIGNAL:
	case KIND_VMACCESS:
		k->object = (u32)((struct event_target *)bytes)->target_pid;
		k->class = kind == KIND_SIGNAL ? ((struct event_target *)bytes)->value0 : 0;
		break;
	case KIND_CAPSET:
		k->object = ((struct event_capset *)bytes)->cap_effective;
		break;
	case KIND_CHDIR:
	case KIND_MKNOD:
	case KIND_TRUNCATE:
	case KIND_UTIMES:
	case KIND_XATTR:
	case KIND_HANDLE:
	case KIND_PRCTL:
	case KIND_SECCOMP:
	case KIND_KEYS:
	case KIND_USERFAULTFD:
	case KIND_PERF:
	case KIND_RING:
	case KIND_KEXEC:
	case KIND_MACHINE:
	case KIND_CHROOT:
	case KIND_PIVOT:
	case KIND_UMOUNT:
	case KIND_FSMOUNT:
		object__call(k, (struct event_call *)bytes);
		break;
	}
}

/* Of a record that is about to be sent in this lane. */
static __always_inline void counted_key__fill(struct counted_key *k, u8 *bytes, u16 kind, u8 lane)
{
	struct event_header *h = (void *)bytes;

	k->cgroup_id = h->cgroup_id;
	k->exe_inode = h->exe_inode;
	k->exe_dev = h->exe_dev;
	k->kind = kind;
	k->lane = lane;
	object__fill(k, bytes, kind);
	if (h->result < 0)
		k->class = -h->result;
}

/* Which first touches matter; enum touch. */
static __always_inline u32 counted_key__touch(struct counted_key *k, u8 *bytes)
{
	struct event_header *h = (void *)bytes;

	if (k->kind == KIND_OPEN)
		return h->result >= 0 && k->class ? TOUCH_WRITE : TOUCH_NONE;
	if (k->lane != LANE_RARE)
		return TOUCH_NONE;
	if (k->kind == KIND_EXEC)
		return TOUCH_EXEC;
	if (k->kind == KIND_SETUID || k->kind == KIND_SETGID)
		return h->euid == 0 ? TOUCH_TO_ROOT : TOUCH_CRED;
	return TOUCH_POWER;
}

#endif
