/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Addresses on loopback and in the file system, and what a victim says of a call that takes one. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "victim.h"

#include <arpa/inet.h>

static struct sockaddr_in ipv4(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

static struct sockaddr_in6 ipv6(uint16_t port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	a.sin6_addr = in6addr_loopback;
	return a;
}

static struct sockaddr_un unix_name(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strcpy(a.sun_path, path);
	return a;
}

/* An abstract name that no other run has. */
static socklen_t abstract_name(struct sockaddr_un *a, const char *name)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	return 3 + snprintf(a->sun_path + 1, 100, "victim-%s-%d", name, getpid());
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t length = sizeof(a);

	must(getsockname(fd, (void *)&a, &length) == 0, "getsockname");
	return ntohs(((struct sockaddr_in *)&a)->sin_port);
}

static int listener(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);
	struct sockaddr_in a = ipv4(0);
	struct sockaddr_in6 b = ipv6(0);
	int bound = family == AF_INET ? bind(fd, (void *)&a, sizeof(a)) : bind(fd, (void *)&b, sizeof(b));

	must(bound == 0 && listen(fd, 8) == 0, "listen");
	return fd;
}

static bool has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 a = ipv6(0);
	bool has = fd >= 0 && bind(fd, (void *)&a, sizeof(a)) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

/* The address argument, as it was passed. */
static void passed(const void *address, socklen_t length)
{
	struct sockaddr_storage a = {};
	uint8_t bytes[16] = {};

	memcpy(&a, address, length);
	truth_number("addrFamily", a.ss_family);
	if (a.ss_family == AF_INET) {
		memcpy(bytes, &((struct sockaddr_in *)&a)->sin_addr, 4);
		truth_number("addrPort", ntohs(((struct sockaddr_in *)&a)->sin_port));
	} else if (a.ss_family == AF_INET6) {
		memcpy(bytes, &((struct sockaddr_in6 *)&a)->sin6_addr, 16);
		truth_number("addrPort", ntohs(((struct sockaddr_in6 *)&a)->sin6_port));
	}
	truth_bytes("addr", bytes, sizeof(bytes));
	truth_unix_name("addrPath", &a, length);
}

static void net_begin(const char *kind, const char *call, long result, int fd)
{
	truth_begin(kind, call, result);
	truth_number("fd", fd);
}

static int dial(int listening)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = ipv4(port_of(listening));

	must(connect(fd, (void *)&a, sizeof(a)) == 0, "connect");
	return fd;
}

#endif
