// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Sockets: making, connecting, accepting, binding, listening, sending to an address. */
#include "sock.h"

SEC("tp_btf/sys_exit")
int BPF_PROG(socket_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call c;
	struct record r;
	struct event_socket *e;

	call__read(&c, task, regs, ret);
	r = call__begin(&c, KIND_SOCKET, sizeof(*e), task);
	if (!r.bytes)
		return 0;
	e = (void *)r.bytes;
	e->domain = c.arg[0];
	e->type = c.arg[1];
	e->protocol = c.arg[2];
	if (c.ret >= 0)
		sock_block__file(&r, &e->sock, task__file(&r, task, c.ret));
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
	struct call c;

	call__read(&c, task, regs, ret);
	net__send(&c, KIND_CONNECT, task, c.arg[0], c.arg[1], c.arg[2], 0, 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(bind_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call c;

	call__read(&c, task, regs, ret);
	net__send(&c, KIND_BIND, task, c.arg[0], c.arg[1], c.arg[2], 0, 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(listen_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call c;

	call__read(&c, task, regs, ret);
	net__send(&c, KIND_LISTEN, task, c.arg[0], 0, 0, c.arg[1], 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(accept_exit_call, struct pt_regs *regs, long ret)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct call c;

	call__read(&c, task, regs, ret);
	net__send(&c, KIND_ACCEPT, task, c.ret >= 0 ? (s32)c.ret : (s32)c.arg[0], 0, 0,
		  call__is(&c, accept4) ? c.arg[3] : 0, 0);
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
	struct call c;

	call__read(&c, task, regs, ret);
	if (call__is(&c, sendto)) {
		head.name = c.arg[4];
		head.name_length = c.arg[5];
		size = c.arg[2];
		flags = c.arg[3];
	} else {
		flags = c.arg[2];
		if (c.compat) {
			bpf_probe_read_user(compat_head, sizeof(compat_head), (void *)c.arg[1]);
			head.name = compat_head[0];
			head.name_length = compat_head[1];
		} else {
			bpf_probe_read_user(&head, sizeof(head), (void *)c.arg[1]);
		}
		if (c.ret > 0)
			size = c.ret;
	}
	if (!head.name)
		return 0;
	net__send(&c, KIND_SEND, task, c.arg[0], head.name, head.name_length, flags, size);
	return 0;
}
