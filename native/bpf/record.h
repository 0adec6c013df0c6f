/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Putting one record together and sending it. */
#ifndef ATALAYA_RECORD_H
#define ATALAYA_RECORD_H

#include "maps.h"
#include "object.h"

/* A string may start no later than here, so that the longest one still fits behind it. */
#define STRING_START_MAX (RECORD_MAX - PATH_BYTES_MAX)

struct record {
	u8 *bytes; /* of a struct scratch; NULL = there is none */
	u32 touch; /* enum touch, where more than the record decides it */
};

#define record__header(r) ((struct event_header *)(r)->bytes)
#define record__used(r)	  (((struct scratch *)(r)->bytes)->used)

/* Keeps clang from proving a bound away that the verifier needs to see. */
#define barrier_value(x) asm volatile("" : "+r"(x))

/* Starts a record whose fixed part is `size` bytes, zeroed. NULL bytes: there is no scratch (never seen). */
static __always_inline struct record record__begin(void *scratch_map, u32 size)
{
	u32 zero = 0;
	struct scratch *s = bpf_map_lookup_elem(scratch_map, &zero);
	struct record r = { .bytes = s ? s->bytes : NULL };

	if (s) {
		__builtin_memset(s->bytes, 0, sizeof(struct event_header));
		s->used = size;
	}
	return r;
}

/* Where the next string may be written, at least PATH_BYTES_MAX bytes; NULL when the record is full. */
static __always_inline u8 *record__room(struct record *r)
{
	u64 at = record__used(r);

	barrier_value(at);
	if (at > STRING_START_MAX) {
		record__header(r)->flags |= EVENT_TRUNCATED;
		return NULL;
	}
	return r->bytes + at;
}

static __always_inline void record__took(struct record *r, struct vstr *field, u64 length)
{
	field->offset = record__used(r);
	field->length = length;
	record__used(r) += length;
}

/* A NUL-terminated string from user memory; longer than a path may be is cut and flagged. */
static __always_inline void record__user_string(struct record *r, struct vstr *field, const void *from)
{
	u8 *room = record__room(r);
	char last = 0;
	long n;

	if (!room || !from)
		return;
	n = bpf_probe_read_user_str(room, PATH_BYTES_MAX, from);
	if (n <= 0) {
		record__header(r)->flags |= EVENT_READ_FAILED;
		return;
	}
	record__header(r)->flags |= EVENT_USER_MEMORY;
	/* The helper writes a NUL in the last place: whether it is the string's own, the string knows. */
	if (n == PATH_BYTES_MAX && (bpf_probe_read_user(&last, 1, from + PATH_BYTES_MAX - 1) || last))
		record__header(r)->flags |= EVENT_TRUNCATED;
	record__took(r, field, (n - 1) & (PATH_BYTES_MAX - 1));
}

static __always_inline void record__kernel_string(struct record *r, struct vstr *field, const void *from)
{
	u8 *room = record__room(r);
	long n;

	if (!room || !from)
		return;
	n = bpf_probe_read_kernel_str(room, PATH_BYTES_MAX, from);
	if (n <= 0) {
		record__header(r)->flags |= EVENT_READ_FAILED;
		return;
	}
	record__took(r, field, (n - 1) & (PATH_BYTES_MAX - 1));
}

/*
 * A sequence number of this cpu and lane is taken before the ring is asked, so a failure leaves a hole. What is above the
 * budget of its cgroup takes none.
 */
static __always_inline void record__send(struct record *r, u16 kind, u8 lane)
{
	struct event_header *h = record__header(r);
	struct counted_key key = {};
	u32 index = lane;
	struct lane_counters *c = bpf_map_lookup_elem(&lane_counters, &index);
	u64 length = record__used(r);
	int verdict = VERDICT_SEND;
	long failed;

	if (!c)
		return;
	if (kind < KIND_HEARTBEAT && lane__has_budget(lane)) {
		counted_key__fill(&key, r->bytes, kind, lane);
		verdict = budget__verdict(&key, r->touch ? r->touch : counted_key__touch(&key, r->bytes), h->time_ns);
	}
	if (verdict & VERDICT_COUNTED) {
		__sync_fetch_and_add(&c->counted, 1);
		if (verdict & VERDICT_UNLISTED)
			__sync_fetch_and_add(&c->unlisted, 1);
		return;
	}
	if (verdict == VERDICT_FIRST && lane != LANE_RARE) {
		lane = index = LANE_RARE;
		c = bpf_map_lookup_elem(&lane_counters, &index);
		if (!c)
			return;
	}
	h->abi = ABI_VERSION;
	h->kind = kind;
	h->lane = lane;
	h->cpu = bpf_get_smp_processor_id();
	h->generation = plan_generation;
	h->sequence = __sync_fetch_and_add(&c->produced, 1) + 1;
	barrier_value(length);
	if (length > RECORD_MAX)
		length = RECORD_MAX;
	h->length = length;
	if (lane == LANE_RARE)
		failed = bpf_ringbuf_output(&rare, r->bytes, length, BPF_RB_NO_WAKEUP);
	else if (lane == LANE_LIFECYCLE)
		failed = bpf_ringbuf_output(&lifecycle, r->bytes, length, BPF_RB_NO_WAKEUP);
	else
		failed = bpf_ringbuf_output(&bulk, r->bytes, length, BPF_RB_NO_WAKEUP);
	if (!failed)
		return;
	c->failed++;
	/* Nobody has seen it: the next touch is the first. */
	if (verdict == VERDICT_FIRST)
		bpf_map_delete_elem(&touched, &key);
}

#endif
