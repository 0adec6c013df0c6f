// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Sockets on loopback and in the file system. Runs in a directory of its own. */
#include "sockets.h"

/* ---- socket ---- */

static void made(long fd, const char *call, int domain, int type, int protocol)
{
	truth_begin("socket", call, fd);
	truth_number("domain", domain);
	truth_number("type", type);
	truth_number("protocol", protocol);
	if (fd >= 0)
		truth_socket("sock", fd);
	else
		truth_number("sock.family", 0);
}

static void socket_act(void)
{
	long fd = syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	made(fd, "socket", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	truth_end();
	fd = syscall(SYS_socket, AF_UNIX, SOCK_DGRAM, 0);
	made(fd, "socket", AF_UNIX, SOCK_DGRAM, 0);
	truth_end();
	fd = syscall(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	made(fd, "socket", AF_INET, SOCK_RAW, IPPROTO_ICMP);
	truth_end();
	fd = syscall(SYS_socket, 255, SOCK_STREAM, 0);
	made(fd, "socket", 255, SOCK_STREAM, 0);
	truth_end();
#ifdef HAS_COMPAT
	fd = compat_syscall(359, AF_INET, SOCK_DGRAM, 0, 0, 0);
	made(fd, "socket", AF_INET, SOCK_DGRAM, 0);
	truth_compat();
	truth_end();
#endif
}

/* ---- connect ---- */

static void connected(long result, int fd, const void *address, socklen_t length)
{
	net_begin("connect", "connect", result, fd);
	truth_socket("sock", fd);
	passed(address, length);
}

static void connect_ipv4(void)
{
	int listening = listener(AF_INET);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = ipv4(port_of(listening));
	long result = syscall(SYS_connect, fd, &a, sizeof(a));

	connected(result, fd, &a, sizeof(a));
	truth_number("sock.state", 1); /* TCP_ESTABLISHED */
	truth_end();
	result = syscall(SYS_connect, fd, &a, sizeof(a));
	connected(result, fd, &a, sizeof(a)); /* EISCONN */
	truth_end();

	/* Nobody listens on the port of a socket that is only bound. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	a = ipv4(0);
	must(bind(fd, (void *)&a, sizeof(a)) == 0, "bind");
	a = ipv4(port_of(fd));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	result = syscall(SYS_connect, fd, &a, sizeof(a));
	net_begin("connect", "connect", result, fd);
	passed(&a, sizeof(a));
	truth_end();
	result = syscall(SYS_connect, 999, &a, sizeof(a));
	net_begin("connect", "connect", result, 999);
	passed(&a, sizeof(a));
	truth_end();

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	result = syscall(SYS_connect, fd, &a, sizeof(a));
	connected(result, fd, &a, sizeof(a));
	truth_end();
#ifdef HAS_COMPAT
	struct sockaddr_in *low = low_memory(sizeof(a));

	*low = ipv4(port_of(listening));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	result = compat_syscall(362, fd, (long)low, sizeof(*low), 0, 0);
	connected(result, fd, low, sizeof(*low));
	truth_compat();
	truth_end();
	/* The old gate for all socket calls: what it does is in its first argument, the rest in memory. */
	uint32_t *arguments = low_memory(3 * sizeof(uint32_t));

	fd = socket(AF_INET, SOCK_STREAM, 0);
	arguments[0] = fd;
	arguments[1] = (uintptr_t)low;
	arguments[2] = sizeof(*low);
	result = compat_syscall(102, 3, (long)arguments, 0, 0, 0);
	connected(result, fd, low, sizeof(*low));
	truth_compat();
	truth_end();
#endif
}

static void connect_ipv6(void)
{
	int listening = listener(AF_INET6);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 a = ipv6(port_of(listening));
	long result = syscall(SYS_connect, fd, &a, sizeof(a));

	connected(result, fd, &a, sizeof(a));
	truth_end();
}

static void connect_unix(void)
{
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un a = unix_name("listening.sock");
	socklen_t length = sizeof(a.sun_family) + strlen(a.sun_path) + 1;
	long result;

	must(bind(listening, (void *)&a, length) == 0 && listen(listening, 8) == 0, "listen");
	result = syscall(SYS_connect, fd, &a, length);
	connected(result, fd, &a, length);
	truth_end();
	/* What follows the length is not of the name. */
	strcat(a.sun_path, "-and more");
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	result = syscall(SYS_connect, fd, &a, length - 1);
	connected(result, fd, &a, length - 1);
	truth_end();
	a = unix_name("nobody.sock");
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	result = syscall(SYS_connect, fd, &a, length);
	connected(result, fd, &a, length);
	truth_end();

	listening = socket(AF_UNIX, SOCK_STREAM, 0);
	length = abstract_name(&a, "connect");
	must(bind(listening, (void *)&a, length) == 0 && listen(listening, 8) == 0, "listen");
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	result = syscall(SYS_connect, fd, &a, length);
	connected(result, fd, &a, length);
	truth_end();
}

static void connect_act(void)
{
	connect_ipv4();
	connect_unix();
	if (has_ipv6())
		connect_ipv6();
}

/* ---- accept ---- */

static void accept_act(void)
{
	int listening = listener(AF_INET);
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	long fd;

	dial(listening);
	fd = syscall(SYS_accept4, listening, &peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
	net_begin("accept", "accept4", fd, listening);
	truth_number("flags", SOCK_CLOEXEC | SOCK_NONBLOCK);
	truth_socket("sock", fd);
	truth_end();
	dial(listening);
	fd = syscall(SYS_accept, listening, NULL, NULL);
	net_begin("accept", "accept", fd, listening);
	truth_number("flags", 0);
	truth_socket("sock", fd);
	truth_end();
	fcntl(listening, F_SETFL, O_NONBLOCK);
	fd = syscall(SYS_accept4, listening, NULL, NULL, 0);
	net_begin("accept", "accept4", fd, listening);
	truth_end();
#ifdef HAS_COMPAT
	dial(listening);
	fd = compat_syscall(364, listening, 0, 0, SOCK_CLOEXEC, 0);
	net_begin("accept", "accept4", fd, listening);
	truth_number("flags", SOCK_CLOEXEC);
	truth_socket("sock", fd);
	truth_compat();
	truth_end();
#endif
}

/* ---- bind ---- */

static void bound(long result, int fd, const void *address, socklen_t length)
{
	net_begin("bind", "bind", result, fd);
	truth_socket("sock", fd);
	passed(address, length);
}

static void bind_act(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = ipv4(0);
	struct sockaddr_in6 b = ipv6(0);
	struct sockaddr_un u = unix_name("bound.sock");
	socklen_t length;
	long result = syscall(SYS_bind, fd, &a, sizeof(a));

	bound(result, fd, &a, sizeof(a));
	truth_end();
	must(listen(fd, 1) == 0, "listen");
	a = ipv4(port_of(fd));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	result = syscall(SYS_bind, fd, &a, sizeof(a));
	bound(result, fd, &a, sizeof(a)); /* EADDRINUSE */
	truth_end();
	if (has_ipv6()) {
		fd = socket(AF_INET6, SOCK_DGRAM, 0);
		result = syscall(SYS_bind, fd, &b, sizeof(b));
		bound(result, fd, &b, sizeof(b));
		truth_end();
	}
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	length = sizeof(u.sun_family) + strlen(u.sun_path) + 1;
	result = syscall(SYS_bind, fd, &u, length);
	bound(result, fd, &u, length);
	truth_end();
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	length = abstract_name(&u, "bind");
	result = syscall(SYS_bind, fd, &u, length);
	bound(result, fd, &u, length);
	truth_end();
	result = syscall(SYS_bind, 999, &a, sizeof(a));
	net_begin("bind", "bind", result, 999);
	truth_end();
#ifdef HAS_COMPAT
	struct sockaddr_in *low = low_memory(sizeof(a));

	*low = ipv4(0);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	result = compat_syscall(361, fd, (long)low, sizeof(*low), 0, 0);
	bound(result, fd, low, sizeof(*low));
	truth_compat();
	truth_end();
#endif
}

/* ---- listen ---- */

static void listens(long result, int fd, int backlog)
{
	net_begin("listen", "listen", result, fd);
	truth_number("flags", backlog);
	truth_number("addrFamily", 0);
}

static void listen_act(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	long result = syscall(SYS_listen, fd, 17);

	listens(result, fd, 17);
	truth_socket("sock", fd);
	truth_number("sock.state", 10); /* TCP_LISTEN */
	truth_end();
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	result = syscall(SYS_listen, fd, 5);
	listens(result, fd, 5);
	truth_socket("sock", fd);
	truth_end();
	result = syscall(SYS_listen, 999, 5);
	listens(result, 999, 5);
	truth_end();
#ifdef HAS_COMPAT
	fd = socket(AF_INET, SOCK_STREAM, 0);
	result = compat_syscall(363, fd, 3, 0, 0, 0);
	listens(result, fd, 3);
	truth_socket("sock", fd);
	truth_compat();
	truth_end();
#endif
}

/* ---- send ---- */

static void sent(const char *call, long result, int fd, long size, int flags, const void *address, socklen_t length)
{
	net_begin("send", call, result, fd);
	truth_number("size", size);
	truth_number("flags", flags);
	passed(address, length);
}

static void send_act(void)
{
	int receiver = socket(AF_INET, SOCK_DGRAM, 0);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a = ipv4(0);
	struct iovec part = { "twelve bytes", 12 };
	struct msghdr message = { .msg_name = &a, .msg_namelen = sizeof(a), .msg_iov = &part, .msg_iovlen = 1 };
	struct mmsghdr messages[2] = { { .msg_hdr = message }, { .msg_hdr = message } };
	struct sockaddr_un u = unix_name("nobody.sock");
	socklen_t length = sizeof(u.sun_family) + strlen(u.sun_path) + 1;
	long result;

	must(bind(receiver, (void *)&a, sizeof(a)) == 0, "bind");
	a = ipv4(port_of(receiver));
	result = syscall(SYS_sendto, fd, "hello", 5, MSG_NOSIGNAL, &a, sizeof(a));
	sent("sendto", result, fd, 5, MSG_NOSIGNAL, &a, sizeof(a));
	truth_socket("sock", fd);
	truth_end();
	result = syscall(SYS_sendmsg, fd, &message, MSG_DONTWAIT);
	sent("sendmsg", result, fd, 12, MSG_DONTWAIT, &a, sizeof(a));
	truth_end();
	result = syscall(SYS_sendmmsg, fd, messages, 2, MSG_DONTWAIT);
	net_begin("send", "sendmmsg", result, fd);
	truth_number("flags", MSG_DONTWAIT);
	passed(&a, sizeof(a));
	truth_end();
	result = syscall(SYS_sendto, 999, "hello", 5, 0, &a, sizeof(a));
	sent("sendto", result, 999, 5, 0, &a, sizeof(a));
	truth_end();
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	result = syscall(SYS_sendto, fd, "hello", 5, 0, &u, length);
	sent("sendto", result, fd, 5, 0, &u, length);
	truth_end();
#ifdef HAS_COMPAT
	struct low {
		struct sockaddr_in address;
		uint32_t message[7], part[2];
		char text[16];
	} *low = low_memory(sizeof(*low));

	low->address = a;
	strcpy(low->text, "compat");
	low->part[0] = (uintptr_t)low->text;
	low->part[1] = 6;
	low->message[0] = (uintptr_t)&low->address;
	low->message[1] = sizeof(low->address);
	low->message[2] = (uintptr_t)low->part;
	low->message[3] = 1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	result = compat_syscall(370, fd, (long)low->message, 0, 0, 0);
	sent("sendmsg", result, fd, 6, 0, &a, sizeof(a));
	truth_compat();
	truth_end();
#endif
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "socket", socket_act }, { "connect", connect_act }, { "accept", accept_act },
		{ "bind", bind_act },	  { "listen", listen_act },   { "send", send_act },
		{ NULL, NULL },
	};

	return run_act(acts, argc, argv);
}
