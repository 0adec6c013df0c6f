// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Sockets: making, connecting, accepting, binding, listening, sending to an address. */
#include "sock.h"

#define SOCKETCALL 102

/* What socketcall was asked for, between its program and that of the call it stands for. */
struct socketcall {
	s32 nr;
	u32 flags;
	u32 arg[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct socketcall);
} socketcalls SEC(".maps");

static __always_inline struct call *net_call__read(struct task_struct *task, struct pt_regs *regs, long ret)
{
	struct call *c = call__read(task, regs, ret);
	u32 zero = 0;
	struct socketcall *s;

	if (!c || !c->compat || c->nr != SOCKETCALL)
		return c;
	s = bpf_map_lookup_elem(&socketcalls, &zero);
	if (!s)
		return NULL;
	c->nr = s->nr;
	c->flags |= s->flags;
	for (int i = 0; i < 6; i++)
		c->arg[i] = s->arg[i];
	return c;
}

/* i386: the call's number in its first argument, its arguments in memory. */
SEC("tp_btf/sys_exit")
int BPF_PROG(socketcall_exit_call, struct pt_regs *regs, long ret)
{
	static const struct {
		s16 native, compat;
		u8 count, kind;
	} calls[32] = {
		[1] = { NATIVE_socket, COMPAT_socket, 3, KIND_SOCKET },
		[2] = { NATIVE_bind, COMPAT_bind, 3, KIND_BIND },
		[3] = { NATIVE_connect, COMPAT_connect, 3, KIND_CONNECT },
		[4] = { NATIVE_listen, COMPAT_listen, 2, KIND_LISTEN },
		[5] = { NATIVE_accept, SOCKETCALL, 3, KIND_ACCEPT }, /* has no number of its own */
		[11] = { NATIVE_sendto, COMPAT_sendto, 6, KIND_SEND },
		[16] = { NATIVE_sendmsg, COMPAT_sendmsg, 3, KIND_SEND },
		[18] = { NATIVE_accept4, COMPAT_accept4, 4, KIND_ACCEPT },
		[20] = { NATIVE_sendmmsg, COMPAT_sendmmsg, 4, KIND_SEND },
	};
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	u32 zero = 0, which, size, native;
	struct socketcall *s = bpf_map_lookup_elem(&socketcalls, &zero);
	struct call *c;

	c = call__read(task, regs, ret);
	if (!c)
		return 0;
	which = c->arg[0];
	if (!s || which >= 32)
		return 0;
	native = calls[which].native;
	if (native >= SYSCALL_MAX || !syscall_class[native])
		return 0;
	s->nr = calls[which].compat;
	s->flags = 0;
	__builtin_memset(s->arg, 0, sizeof(s->arg));
	size = calls[which].count * sizeof(u32);
	if (size > sizeof(s->arg))
		return 0;
	if (bpf_probe_read_user(s->arg, size, (void *)c->arg[1]))
		s->flags = EVENT_READ_FAILED;
	bpf_tail_call(ctx, &syscall_programs, calls[which].kind);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(socket_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;
	struct record r;
	struct event_socket *e;

	c = net_call__read(task, regs, ret);
	if (!c)
		return 0;
	r = call__begin(c, KIND_SOCKET, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->domain = c->arg[0];
	e->type = c->arg[1];
	e->protocol = c->arg[2];
	if (c->ret >= 0)
		sock_block__file(&r, &e->sock, task__file(&r, task, c->ret));
	record__send(&r, KIND_SOCKET, LANE_BULK);
	return 0;
}

/* The common part of the calls that take a socket and an address. */
static __always_inline void net__send(struct call *c, u16 kind, struct task_struct *task, s32 sock_fd,
				      u64 address, u32 length, u32 flags, u64 size)
{
	struct record r = call__begin(c, kind, sizeof(struct event_net), task);
	struct event_net *e = (void *)r.bytes;

	if (!r.bytes)
		return;
	e->fd = c->arg[0];
	e->flags = flags;
	e->size = size;
	sock_block__file(&r, &e->sock, task__file(&r, task, sock_fd));
	record__address(&r, e, address, length);
	record__send(&r, kind, LANE_BULK);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(connect_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;

	c = net_call__read(task, regs, ret);
	if (!c)
		return 0;
	net__send(c, KIND_CONNECT, task, c->arg[0], c->arg[1], c->arg[2], 0, 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(bind_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;

	c = net_call__read(task, regs, ret);
	if (!c)
		return 0;
	net__send(c, KIND_BIND, task, c->arg[0], c->arg[1], c->arg[2], 0, 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(listen_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;

	c = net_call__read(task, regs, ret);
	if (!c)
		return 0;
	net__send(c, KIND_LISTEN, task, c->arg[0], 0, 0, c->arg[1], 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(accept_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call *c;

	c = net_call__read(task, regs, ret);
	if (!c)
		return 0;
	net__send(c, KIND_ACCEPT, task, c->ret >= 0 ? (s32)c->ret : (s32)c->arg[0], 0, 0,
		  call__is(c, accept4) ? c->arg[3] : 0, 0);
	return 0;
}

/* The first two members of struct msghdr, for either word size. */
struct message_head {
	u64 name;
	u32 name_length;
};

SEC("tp_btf/sys_exit")
int BPF_PROG(send_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct message_head head = {};
	u32 compat_head[2] = {};
	u64 size = 0;
	u32 flags;
	struct call *c;

	c = net_call__read(task, regs, ret);
	if (!c)
		return 0;
	if (call__is(c, sendto)) {
		head.name = c->arg[4];
		head.name_length = c->arg[5];
		size = c->arg[2];
		flags = c->arg[3];
	} else {
		/* Of sendmmsg's messages the first. */
		flags = call__is(c, sendmmsg) ? c->arg[3] : c->arg[2];
		if (c->compat) {
			bpf_probe_read_user(compat_head, sizeof(compat_head), (void *)c->arg[1]);
			head.name = compat_head[0];
			head.name_length = compat_head[1];
		} else {
			bpf_probe_read_user(&head, sizeof(head), (void *)c->arg[1]);
		}
		if (c->ret > 0 && !call__is(c, sendmmsg))
			size = c->ret;
	}
	if (!head.name)
		return 0;
	net__send(c, KIND_SEND, task, c->arg[0], head.name, head.name_length, flags, size);
	return 0;
}
