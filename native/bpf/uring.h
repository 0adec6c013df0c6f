/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Requests of io_uring that have been submitted and not completed. Names and addresses are copied when the request is
 * submitted, from the kernel's own copies: when it completes they are gone.
 */
#ifndef ATALAYA_URING_H
#define ATALAYA_URING_H

#include "record.h"

/* A record that is longer does not wait for its result. Names of ordinary length are below a quarter of it. */
#define HELD_BYTES 2048
/* At most 8 MiB; memory is taken as requests come. When it is full, records do not wait for their results. */
#define HELD_MAX 4096
/*
 * A request whose completion is not told within this time is told without its result: one that waits for the network,
 * or whose owner lets the completion queue overflow, which no tracepoint tells with its request.
 */
#define HELD_NS 1000000000ULL

struct held_record {
	u8 bytes[HELD_BYTES];
};

/* By the request's address. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, HELD_MAX);
	__type(key, u64);
	__type(value, struct held_record);
} held_records SEC(".maps") __weak;

/* Puts a held record where a record is put together. */
static __always_inline struct record record__resume(void *scratch_map, struct held_record *held)
{
	struct record r = record__begin(scratch_map, 0);

	if (!r.bytes)
		return r;
	bpf_probe_read_kernel(r.bytes, HELD_BYTES, held->bytes);
	record__used(&r) = record__header(&r)->length;
	record__header(&r)->time_ns = bpf_ktime_get_boot_ns();
	return r;
}

/* What changes the machine goes by the rare lane when it is known to have happened; of these kinds none does. */
static __always_inline void record__send_assumed(struct record *r)
{
	record__header(r)->result = 0;
	record__header(r)->flags |= EVENT_RESULT_ASSUMED;
	record__send(r, record__header(r)->kind, LANE_BULK);
}

static long held_record__expire(void *map, u64 *key, struct held_record *held, u64 *now)
{
	struct record r;

	if (((struct event_header *)held->bytes)->time_ns + HELD_NS > *now)
		return 0;
	r = record__resume(&iterator_scratch, held);
	/* Whoever takes it out tells of it: it may be completing on another cpu. */
	if (r.bytes && bpf_map_delete_elem(map, key) == 0)
		record__send_assumed(&r);
	return 0;
}

static __always_inline void held_records__expire(void)
{
	u64 now = bpf_ktime_get_boot_ns();

	bpf_for_each_map_elem(&held_records, held_record__expire, &now, 0);
}

#endif
