/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A ring of io_uring by its system calls alone, for one request at a time or a few. */
#ifndef RING_H
#define RING_H

#include "victim.h"

#include <linux/io_uring.h>

#define RING_ENTRIES 8
#define OP_BIND	     56
#define OP_LISTEN    57

struct ring {
	int fd;
	struct io_uring_sqe *entries;
	unsigned *sq_tail, *sq_mask, *sq_array, *sq_flags;
	unsigned *cq_head, *cq_tail, *cq_mask;
	struct io_uring_cqe *completions;
	bool is_polled;
};

static void *ring_map(int fd, size_t size, off_t what)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);

	must(memory != MAP_FAILED, "mmap of a ring");
	return memory;
}

static struct ring ring_open_with(struct io_uring_params p)
{
	struct ring ring = { .fd = syscall(SYS_io_uring_setup, RING_ENTRIES, &p) };
	char *sq, *cq;

	must(ring.fd >= 0, "io_uring_setup");
	sq = ring_map(ring.fd, p.sq_off.array + p.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
	cq = ring_map(ring.fd, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	ring.entries = ring_map(ring.fd, p.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	ring.sq_tail = (void *)(sq + p.sq_off.tail);
	ring.sq_mask = (void *)(sq + p.sq_off.ring_mask);
	ring.sq_flags = (void *)(sq + p.sq_off.flags);
	ring.sq_array = (void *)(sq + p.sq_off.array);
	ring.cq_head = (void *)(cq + p.cq_off.head);
	ring.cq_tail = (void *)(cq + p.cq_off.tail);
	ring.cq_mask = (void *)(cq + p.cq_off.ring_mask);
	ring.completions = (void *)(cq + p.cq_off.cqes);
	ring.is_polled = p.flags & IORING_SETUP_SQPOLL;
	return ring;
}

static struct ring ring_open(unsigned flags)
{
	return ring_open_with((struct io_uring_params){ .flags = flags, .sq_thread_idle = 1000 });
}

static void ring_submit(struct ring *ring, const struct io_uring_sqe *entry)
{
	unsigned tail = *ring->sq_tail, place = tail & *ring->sq_mask;

	ring->entries[place] = *entry;
	ring->sq_array[place] = place;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_SEQ_CST);
	if (!ring->is_polled)
		must(syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0) == 1, "io_uring_enter");
	else if (__atomic_load_n(ring->sq_flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
		must(syscall(SYS_io_uring_enter, ring->fd, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0) >= 0, "wake up");
}

/* The result of the next completion, waited for. */
static int ring_wait(struct ring *ring)
{
	unsigned head = *ring->cq_head;
	int result;

	while (__atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) == head)
		must(syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) >= 0, "wait");
	result = ring->completions[head & *ring->cq_mask].res;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

/* Like a system call: its result, or -1 and errno. */
static long ring_call(struct ring *ring, const struct io_uring_sqe *entry)
{
	long result;

	ring_submit(ring, entry);
	result = ring_wait(ring);
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

static void truth_uring(void)
{
	truth_number("uring", 1);
}

#endif
