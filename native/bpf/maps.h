/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Rings, scratch and the knobs that user space turns. Everything is weak, so that each .bpf.c can include
 * this file and the linker keeps one of each.
 */
#ifndef ATALAYA_MAPS_H
#define ATALAYA_MAPS_H

#include "kernel.h"
#include "events.h"

#define SYSCALL_MAX 512
#define URING_OP_MAX 64

/*
 * One ring a lane. Sizes: a ring must hold what the hostile producers together may send during the reader's
 * longest pause; the lifecycle lane is the larger of the two small ones because a vfork loop is the cheapest flood.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} rare SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} lifecycle SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} bulk SEC(".maps") __weak;

/* A system call that is about to return. */
struct call {
	s32 nr;
	u32 compat; /* 1: by a 32-bit caller */
	u32 flags;  /* enum event_flags, for the record's header */
	u32 pad0;
	s64 ret;
	u64 arg[8]; /* six, and room for a mask */
};

struct scratch {
	u8 bytes[RECORD_MAX];
	struct call call;
	/*
	 * Bytes so far: where the next string goes. Here and not in a register, since the verifier follows no values through
	 * maps: paths through a program that differ in nothing else are then one to it (process_exec: 434,000 instructions
	 * with it in a register).
	 */
	u64 used;
};

/* Where a record is put together. Tracepoints run with preemption off, so one a cpu is enough. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} record_scratch SEC(".maps") __weak;

/* The iterator can be preempted by a tracepoint on the same cpu: its own place. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} iterator_scratch SEC(".maps") __weak;

#define PATH_SCRATCH 8192

/* Paths are walked from the leaf, so they are written from the end of this buffer towards its start. */
struct path_scratch {
	u8 bytes[PATH_SCRATCH];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2); /* tracepoints, iterator */
	__type(key, u32);
	__type(value, struct path_scratch);
} path_buffers SEC(".maps") __weak;

struct lane_counters {
	u64 produced; /* records that were to be sent: the last sequence number */
	u64 failed;   /* of these, the ring had no room */
	u64 counted;  /* not asked room for: above the budget of their cgroup */
	u64 unlisted; /* of these, no table of counts had room */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LANE_COUNT);
	__type(key, u32);
	__type(value, struct lane_counters);
} lane_counters SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, KIND_MAX);
	__type(key, u32);
	__type(value, u32);
} syscall_programs SEC(".maps") __weak;

/* Set before load. */
const volatile s32 cfg_cgroup_subsys __weak = -1; /* -1: the v2 hierarchy; else index of a v1 controller */
const volatile u32 cfg_agent_tgid __weak = 0;	  /* the agent itself is left out; 0 = nobody */
const volatile u32 abi_version __weak = ABI_VERSION;

/* Turned at any time; user space has this section mapped. */
volatile u8 syscall_class[SYSCALL_MAX] __weak = {}; /* program index by system call number; 0 = off */
volatile u8 compat_class[SYSCALL_MAX] __weak = {};  /* the same for 32-bit calls */
volatile u8 uring_class[URING_OP_MAX] __weak = {};  /* kind by io_uring operation; 0 = off */
volatile u8 wanted_kind[KIND_MAX] __weak = {};
volatile u8 result_wanted[KIND_MAX] __weak = {}; /* enum result_filter */
volatile u32 open_flags_any __weak = 0;		 /* open: only with one of these flags; 0 = all */
volatile u32 plan_generation __weak = 0;
volatile u8 env_wanted __weak = 0;

enum result_filter {
	RESULT_ANY = 0,
	RESULT_SUCCESS = 1,
	RESULT_FAILURE = 2,
};

#endif
