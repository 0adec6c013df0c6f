// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* One act by io_uring, with no system call of its own: uring WAY ACT ARGUMENT. */
#include "../kernel/victims/ring.h"

#include <arpa/inet.h>

static struct io_uring_sqe entry_of(const char *act, const char *argument)
{
	static struct sockaddr_in a = { .sin_family = AF_INET };
	struct io_uring_sqe entry = { .fd = AT_FDCWD, .addr = (uintptr_t)argument };

	if (strcmp(act, "open") == 0) {
		entry.opcode = IORING_OP_OPENAT;
	} else if (strcmp(act, "unlink") == 0) {
		entry.opcode = IORING_OP_UNLINKAT;
	} else if (strcmp(act, "connect") == 0) {
		a.sin_port = htons(atoi(argument));
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		entry.opcode = IORING_OP_CONNECT;
		entry.fd = socket(AF_INET, SOCK_STREAM, 0);
		entry.addr = (uintptr_t)&a;
		entry.off = sizeof(a);
	} else {
		must(false, "the act");
	}
	return entry;
}

int main(int argc, char **argv)
{
	struct io_uring_sqe entry, last = { .opcode = IORING_OP_NOP };
	struct ring ring;
	char told;

	must(argc == 4, "three arguments");
	entry = entry_of(argv[2], argv[3]);
	ring = ring_open(strcmp(argv[1], "polled") == 0 ? IORING_SETUP_SQPOLL : 0);
	/* The ring is there, and its owner waits to be told. */
	if (strcmp(argv[1], "early") == 0)
		must(write(1, "r", 1) == 1 && read(0, &told, 1) == 1, "being told");
	if (strcmp(argv[1], "worker") == 0)
		entry.flags = IOSQE_ASYNC;
	if (strcmp(argv[1], "skipped") == 0)
		/* No completion, so another request after it shows that it is done. */
		entry.flags = IOSQE_CQE_SKIP_SUCCESS | IOSQE_IO_LINK;
	ring_submit(&ring, &entry);
	if (entry.flags & IOSQE_CQE_SKIP_SUCCESS)
		ring_submit(&ring, &last);
	must(ring_wait(&ring) >= 0, "the request");
	return 0;
}
