/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A socket's own view of itself, and addresses as callers pass them. */
#ifndef ATALAYA_SOCK_H
#define ATALAYA_SOCK_H

#include "file.h"

#define AF_UNIX	   1
#define AF_INET	   2
#define AF_INET6   10
#define UNIX_PATH_MAX 108

/* NULL when the file is no socket. */
static __always_inline struct socket *file__socket(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	if (!file || BPF_CORE_READ(inode, i_sb, s_magic) != SOCKFS_MAGIC ||
	    (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	return BPF_CORE_READ(file, private_data);
}

/* The name that a unix socket is bound to; an abstract one begins with NUL, here with '@'. */
static __always_inline void record__unix_name(struct record *r, struct vstr *field, struct sock *sk)
{
	struct unix_sock *unix_sock = (void *)sk;
	struct unix_address *address = BPF_CORE_READ(unix_sock, addr);
	u8 *room = record__room(r);
	u64 length;

	if (!address || !room)
		return;
	length = BPF_CORE_READ(address, len) - 2;
	barrier_value(length);
	if (length == 0 || length > UNIX_PATH_MAX)
		return;
	bpf_probe_read_kernel(room, length & 127,
			      (void *)address + bpf_core_field_offset(struct unix_address, name) + 2);
	if (room[0] == 0) {
		room[0] = '@';
		return record__took(r, field, length);
	}
	record__kernel_string(r, field,
			      (void *)address + bpf_core_field_offset(struct unix_address, name) + 2);
}

static __always_inline void sock_block__inet(struct sock_block *b, struct sock *sk)
{
	struct inet_sock *inet = (void *)sk;
	u32 local = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	u32 remote = BPF_CORE_READ(sk, __sk_common.skc_daddr);

	if (!local)
		local = BPF_CORE_READ(inet, inet_saddr);
	__builtin_memcpy(b->local, &local, sizeof(local));
	__builtin_memcpy(b->remote, &remote, sizeof(remote));
}

static __always_inline void sock_block__inet6(struct sock_block *b, struct sock *sk)
{
	bpf_probe_read_kernel(b->local, sizeof(b->local),
			      __builtin_preserve_access_index(&sk->__sk_common.skc_v6_rcv_saddr));
	bpf_probe_read_kernel(b->remote, sizeof(b->remote),
			      __builtin_preserve_access_index(&sk->__sk_common.skc_v6_daddr));
}

static __always_inline void sock_block__fill(struct record *r, struct sock_block *b,
					     struct socket *socket)
{
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct unix_sock *unix_sock = (void *)sk;
	struct inet_sock *inet = (void *)sk;
	struct sock *peer;

	if (!sk)
		return;
	b->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	b->type = BPF_CORE_READ(socket, type);
	b->protocol = BPF_CORE_READ(sk, sk_protocol);
	b->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (b->family == AF_UNIX) {
		record__unix_name(r, &b->unix_path, sk);
		peer = BPF_CORE_READ(unix_sock, peer);
		if (peer)
			record__unix_name(r, &b->unix_peer_path, peer);
		return;
	}
	if (b->family != AF_INET && b->family != AF_INET6)
		return;
	b->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	b->remote_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (!b->local_port)
		b->local_port = __builtin_bswap16(BPF_CORE_READ(inet, inet_sport));
	if (b->family == AF_INET)
		sock_block__inet(b, sk);
	else
		sock_block__inet6(b, sk);
}

static __always_inline void sock_block__file(struct record *r, struct sock_block *b,
					     struct file *file)
{
	struct socket *socket = file__socket(file);

	if (!socket)
		return;
	sock_block__fill(r, b, socket);
	b->inode = BPF_CORE_READ(file, f_inode, i_ino);
}

/* A descriptor of any sort: a socket, or a file. */
static __always_inline void endpoint__fill(struct record *r, struct file_block *f,
					   struct sock_block *s, struct task_struct *task,
					   struct file *file)
{
	if (!file)
		return;
	file_block__fill(r, f, task, file, 0);
	sock_block__file(r, s, file);
}

struct sockaddr_any {
	u16 family;
	u16 port;
	u32 in4;    /* IPv6: flow label */
	u8 in6[16];
	u32 scope;
};

/* From the caller's memory, or from the kernel's copy of it. */
static __always_inline long address__read(void *to, u32 size, u64 from, bool is_user)
{
	return is_user ? bpf_probe_read_user(to, size, (void *)from) :
			 bpf_probe_read_kernel(to, size, (void *)from);
}

static __always_inline void record__unix_address(struct record *r, struct event_net *e, u64 from, u32 length,
						 bool is_user)
{
	u8 *room = record__room(r);
	u64 n = length - 2;

	barrier_value(n);
	if (!room || n == 0)
		return;
	if (n > UNIX_PATH_MAX)
		n = UNIX_PATH_MAX;
	if (address__read(room, n & 127, from + 2, is_user))
		return;
	if (room[0] == 0) {
		room[0] = '@';
		return record__took(r, &e->addr_path, n);
	}
	/* Not always terminated: the kernel takes at most the length, and so does this. */
	if (is_user)
		n = bpf_probe_read_user_str(room, (n & 127) + 1, (void *)from + 2);
	else
		n = bpf_probe_read_kernel_str(room, (n & 127) + 1, (void *)from + 2);
	barrier_value(n);
	if (n > 0 && n <= UNIX_PATH_MAX + 1)
		record__took(r, &e->addr_path, n - 1);
}

/* The address argument of a call. */
static __always_inline void record__address_from(struct record *r, struct event_net *e, u64 from, u32 length,
						 bool is_user)
{
	struct sockaddr_any any = {};

	if (!from || length < 2 || address__read(&any.family, sizeof(any.family), from, is_user))
		return;
	e->addr_family = any.family;
	if (is_user)
		e->h.flags |= EVENT_USER_MEMORY;
	if (any.family == AF_UNIX)
		return record__unix_address(r, e, from, length, is_user);
	if (any.family == AF_INET && length >= 8)
		address__read(&any, 8, from, is_user);
	else if (any.family == AF_INET6 && length >= 24)
		address__read(&any, sizeof(any), from, is_user);
	else
		return;
	e->addr_port = __builtin_bswap16(any.port);
	if (any.family == AF_INET)
		__builtin_memcpy(e->addr, &any.in4, sizeof(any.in4));
	else
		__builtin_memcpy(e->addr, any.in6, sizeof(any.in6));
}

static __always_inline void record__address(struct record *r, struct event_net *e, u64 user, u32 length)
{
	record__address_from(r, e, user, length, true);
}

#endif
