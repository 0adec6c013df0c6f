// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* What the victim of sockets does by system calls, done by io_uring. Runs in a directory of its own. */
#include "ring.h"
#include "sockets.h"

/* enum event_flags */
#define DIRECT 256

static struct io_uring_sqe request(int op, int fd, const void *address, unsigned length, uint64_t offset)
{
	return (struct io_uring_sqe){
		.opcode = op, .fd = fd, .addr = (uintptr_t)address, .len = length, .off = offset,
	};
}

static void uring_begin(const char *kind, const char *call, long result, int fd)
{
	net_begin(kind, call, result, fd);
	truth_uring();
}

/* ---- socket ---- */

static void make_and_tell(struct ring *ring, int domain, int type, int protocol)
{
	struct io_uring_sqe entry = request(IORING_OP_SOCKET, domain, NULL, protocol, type);
	long fd = ring_call(ring, &entry);

	truth_begin("socket", "socket", fd);
	truth_uring();
	truth_number("domain", domain);
	truth_number("type", type);
	truth_number("protocol", protocol);
	if (fd >= 0)
		truth_socket("sock", fd);
	else
		truth_number("sock.family", 0);
	truth_end();
}

static void socket_act(void)
{
	struct ring ring = ring_open(0);

	make_and_tell(&ring, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	make_and_tell(&ring, AF_UNIX, SOCK_DGRAM, 0);
	make_and_tell(&ring, 255, SOCK_STREAM, 0);
}

/* ---- connect and bind ---- */

static void connect_and_tell(struct ring *ring, int fd, const void *address, socklen_t length)
{
	struct io_uring_sqe entry = request(IORING_OP_CONNECT, fd, address, 0, length);

	uring_begin("connect", "connect", ring_call(ring, &entry), fd);
	if (fd != 999)
		truth_socket("sock", fd);
	passed(address, length);
	truth_end();
}

static void connect_act(void)
{
	struct ring ring = ring_open(0);
	int listening = listener(AF_INET);
	struct sockaddr_in a = ipv4(port_of(listening));
	struct sockaddr_un u = unix_name("listening.sock");
	socklen_t length = sizeof(u.sun_family) + strlen(u.sun_path) + 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	connect_and_tell(&ring, fd, &a, sizeof(a));
	connect_and_tell(&ring, fd, &a, sizeof(a)); /* EISCONN */
	connect_and_tell(&ring, 999, &a, sizeof(a));
	connect_and_tell(&ring, socket(AF_INET, SOCK_DGRAM, 0), &a, sizeof(a));
	if (has_ipv6()) {
		struct sockaddr_in6 b = ipv6(port_of(listener(AF_INET6)));

		connect_and_tell(&ring, socket(AF_INET6, SOCK_STREAM, 0), &b, sizeof(b));
	}
	listening = socket(AF_UNIX, SOCK_STREAM, 0);
	must(bind(listening, (void *)&u, length) == 0 && listen(listening, 8) == 0, "listen");
	connect_and_tell(&ring, socket(AF_UNIX, SOCK_STREAM, 0), &u, length);
	listening = socket(AF_UNIX, SOCK_STREAM, 0);
	length = abstract_name(&u, "uring");
	must(bind(listening, (void *)&u, length) == 0 && listen(listening, 8) == 0, "listen");
	connect_and_tell(&ring, socket(AF_UNIX, SOCK_STREAM, 0), &u, length);
}

/* By a socket that only the ring has, made by the ring: no descriptor, no system call of sockets. */
static void direct_act(void)
{
	struct ring ring = ring_open(0);
	struct sockaddr_in a = ipv4(port_of(listener(AF_INET)));
	struct io_uring_sqe entry = request(IORING_OP_SOCKET, AF_INET, NULL, 0, SOCK_STREAM);
	int places[2] = { -1, -1 };
	long result;

	must(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, places, 2) == 0, "register");
	entry.file_index = 2;
	truth_begin("socket", "socket", ring_call(&ring, &entry));
	truth_uring();
	truth_number("sock.family", AF_INET);
	truth_number("sock.type", SOCK_STREAM);
	truth_number("h.flags", DIRECT);
	truth_end();
	entry = request(IORING_OP_CONNECT, 1, &a, 0, sizeof(a));
	entry.flags = IOSQE_FIXED_FILE;
	result = ring_call(&ring, &entry);
	uring_begin("connect", "connect", result, 1);
	must(result == 0, "connect");
	truth_number("sock.remotePort", ntohs(a.sin_port));
	truth_number("sock.state", 1);
	truth_number("h.flags", DIRECT);
	passed(&a, sizeof(a));
	truth_end();
}

/* Since 6.11; a kernel without them says EINVAL, of which no event tells. */
static void bind_and_tell(struct ring *ring, int fd, const void *address, socklen_t length)
{
	struct io_uring_sqe entry = request(OP_BIND, fd, address, 0, length);

	uring_begin("bind", "bind", ring_call(ring, &entry), fd);
	truth_socket("sock", fd);
	passed(address, length);
	truth_end();
}

static void bind_act(void)
{
	struct ring ring = ring_open(0);
	struct sockaddr_in a = ipv4(0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	bind_and_tell(&ring, fd, &a, sizeof(a));
	must(listen(fd, 1) == 0, "listen");
	a = ipv4(port_of(fd));
	bind_and_tell(&ring, socket(AF_INET, SOCK_STREAM, 0), &a, sizeof(a)); /* EADDRINUSE */
}

static void listen_and_tell(struct ring *ring, int fd, int backlog)
{
	struct io_uring_sqe entry = request(OP_LISTEN, fd, NULL, backlog, 0);

	uring_begin("listen", "listen", ring_call(ring, &entry), fd);
	truth_number("flags", backlog);
	truth_socket("sock", fd);
	truth_end();
}

static void listen_act(void)
{
	struct ring ring = ring_open(0);

	listen_and_tell(&ring, socket(AF_INET, SOCK_STREAM, 0), 17);
	listen_and_tell(&ring, socket(AF_INET, SOCK_DGRAM, 0), 5);
}

/* ---- accept ---- */

static void accepted(long fd, int listening, int flags)
{
	uring_begin("accept", "accept4", fd, listening);
	truth_number("flags", flags);
	if (fd >= 0)
		truth_socket("sock", fd);
	truth_end();
}

static void accept_act(void)
{
	struct ring ring = ring_open(0);
	int listening = listener(AF_INET), flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	struct io_uring_sqe entry = request(IORING_OP_ACCEPT, listening, NULL, 0, 0);

	entry.accept_flags = flags;
	dial(listening);
	accepted(ring_call(&ring, &entry), listening, flags);
	/* It waits; the connection comes later. */
	ring_submit(&ring, &entry);
	dial(listening);
	accepted(ring_wait(&ring), listening, flags);
	/* One request, many connections. */
	entry.ioprio = IORING_ACCEPT_MULTISHOT;
	entry.user_data = 17;
	ring_submit(&ring, &entry);
	for (int i = 0; i < 3; i++) {
		dial(listening);
		accepted(ring_wait(&ring), listening, flags);
	}
	entry = request(IORING_OP_ACCEPT, socket(AF_INET, SOCK_STREAM, 0), NULL, 0, 0);
	accepted(ring_call(&ring, &entry), entry.fd, 0); /* EINVAL: nobody listens */
}

/* ---- send ---- */

static void send_and_tell(struct ring *ring, int fd, const void *address, socklen_t length, int op)
{
	struct io_uring_sqe entry = request(op, fd, "hello", 5, (uintptr_t)address);
	long result;

	entry.addr_len = length;
	result = ring_call(ring, &entry);
	if (op == IORING_OP_SEND_ZC && result >= 0)
		ring_wait(ring); /* that the memory is free again */
	uring_begin("send", "sendto", result, fd);
	truth_number("size", 5);
	truth_socket("sock", fd);
	passed(address, length);
	truth_end();
}

static void send_message_and_tell(struct ring *ring, int fd, const void *address, socklen_t length)
{
	struct iovec part = { .iov_base = "hello, world", .iov_len = 12 };
	struct msghdr message = {
		.msg_name = (void *)address, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1,
	};
	struct io_uring_sqe entry = request(IORING_OP_SENDMSG, fd, &message, 1, 0);
	long result = ring_call(ring, &entry);

	uring_begin("send", "sendmsg", result, fd);
	truth_number("size", result < 0 ? 0 : result);
	truth_socket("sock", fd);
	passed(address, length);
	truth_end();
}

static void send_act(void)
{
	struct ring ring = ring_open(0);
	int receiving = socket(AF_INET, SOCK_DGRAM, 0), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a = ipv4(0);
	struct sockaddr_un u = unix_name("nobody.sock");
	struct io_uring_sqe connected;

	must(bind(receiving, (void *)&a, sizeof(a)) == 0, "bind");
	a = ipv4(port_of(receiving));
	send_and_tell(&ring, fd, &a, sizeof(a), IORING_OP_SEND);
	send_and_tell(&ring, fd, &a, sizeof(a), IORING_OP_SEND_ZC);
	send_message_and_tell(&ring, fd, &a, sizeof(a));
	send_message_and_tell(&ring, socket(AF_UNIX, SOCK_DGRAM, 0), &u, sizeof(u.sun_family) + strlen(u.sun_path) + 1);
	/* Without an address it is a write, of which nothing is told. */
	must(connect(fd, (void *)&a, sizeof(a)) == 0, "connect");
	connected = request(IORING_OP_SEND, fd, "hello", 5, 0);
	must(ring_call(&ring, &connected) == 5, "send");
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "socket", socket_act }, { "connect", connect_act }, { "direct", direct_act }, { "bind", bind_act },
		{ "listen", listen_act }, { "accept", accept_act },   { "send", send_act },	{ NULL, NULL },
	};

	return run_act(acts, argc, argv);
}
