/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What a cgroup may send in each lane, so that nobody's noise takes the room of others. What exceeds it is counted by
 * object, but a first touch of what matters still goes out, by the rare lane: a budget alone would hide an attack in
 * the attacker's own noise.
 */
#ifndef ATALAYA_BUDGET_H
#define ATALAYA_BUDGET_H

#include "kernel.h"
#include "events.h"

/* A forgotten cgroup begins with a whole burst again. */
#define BUDGET_CGROUPS_MAX 8192
/* Rows of the count table, and how many of them one cgroup may take until they are read. */
#define COUNTED_MAX	   16384
#define COUNTED_ROWS_MAX   (COUNTED_MAX / 8)
/* By cgroup and kind alone, for those without a row. */
#define COUNTED_COARSE_MAX 4096
#define TOUCHED_MAX	   65536
#define NAMED_MAX	   16384
#define NAMES_MAX	   4096
/* Of a name; longer ones are not looked up. NUL behind it. */
#define NAME_BYTES	   32
/* How long a touch makes further ones repeats: what somebody did an hour ago tells nothing of this storm. */
#define TOUCH_NS	   10000000000ULL
/* Burst: as much as half a second gives. */
#define BUDGET_BURST_NS	   500000000ULL
/* First touches of each sort, 1,000 a second: ever new objects (uids, files) must not fill the rare lane. */
#define TOUCH_INTERVAL_NS  1000000ULL
/* Another cpu took from the same budget meanwhile: look again, this often. */
#define BUDGET_TRIES	   8

/* Of each its own allowance, so that noise of one sort hides none of the others. */
enum touch {
	TOUCH_NONE = 0,
	TOUCH_EXEC,	/* by the binary's inode */
	TOUCH_TO_ROOT,	/* changes of credentials, by old and new id */
	TOUCH_CRED,
	TOUCH_POWER,	/* whatever else belongs in the rare lane */
	TOUCH_WRITE,	/* opens that may change the file */
	/* From here on before the budget is asked: the lane itself may be full of others' noise. */
	TOUCH_NAMED,	 /* opens of the files that rules name */
	TOUCH_NAME,	 /* opens of files that are called so, in whatever directory and mount */
	TOUCH_DIRECTORY, /* opens in directories that rules name */
	TOUCH_COUNT,
};

enum verdict {
	VERDICT_SEND = 0,
	VERDICT_FIRST = 1, /* by the rare lane */
	VERDICT_COUNTED = 2,
};

struct cgroup_budget {
	/* Of each allowance, when all that was taken of it will have been paid for (GCRA). */
	u64 paid_ns[LANE_COUNT + TOUCH_COUNT];
	u32 epoch; /* that the rows are of */
	u32 rows;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, BUDGET_CGROUPS_MAX);
	__type(key, u64);
	__type(value, struct cgroup_budget);
} cgroup_budgets SEC(".maps") __weak;

/* What is counted together, and what is touched first. */
struct counted_key {
	u64 cgroup_id;
	u64 exe_inode;
	u64 object; /* inode, address, ids; 0 = only a name is known */
	u32 exe_dev;
	u32 object_dev;
	u32 class; /* flags that matter; of failures -errno */
	u16 kind;
	u8 lane;
	u8 epoch; /* lowest bit of counted_epoch */
};

struct counted_row {
	u64 count;
	u64 first_ns;
	u64 last_ns;
};

/*
 * A row is read and removed when its epoch has been over for a while: no program has a hand on it any more, so no count
 * is lost.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, COUNTED_MAX);
	__type(key, struct counted_key);
	__type(value, struct counted_row);
} counted SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, COUNTED_COARSE_MAX);
	__type(key, struct counted_key);
	__type(value, struct counted_row);
} counted_coarse SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TOUCHED_MAX);
	__type(key, struct counted_key);
	__type(value, u64);
} touched SEC(".maps") __weak;

struct named_key {
	u64 inode;
	u32 dev;
	u32 pad0;
};

/* Files and directories that rules name, as user space found them; a hostile process cannot make more of them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NAMED_MAX);
	__type(key, struct named_key);
	__type(value, u8);
} named_files SEC(".maps") __weak;

struct name_key {
	u8 bytes[NAME_BYTES];
};

/* The last components of paths that rules name: in containers other files have them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NAMES_MAX);
	__type(key, struct name_key);
	__type(value, u8);
} named_names SEC(".maps") __weak;

/* Set before load. 0: the lane has no budget. By default 2,000, 20,000 and 20,000 a second. */
const volatile u64 cfg_budget_interval_ns[LANE_COUNT] __weak = { 500000, 50000, 50000 };

/* Turned at any time. */
volatile u32 counted_epoch __weak = 0;
volatile u8 has_named __weak = 0;

/* By constants: the lane may be a number that the verifier knows nothing of. */
static __always_inline bool lane__has_budget(u8 lane)
{
	if (lane == LANE_RARE)
		return cfg_budget_interval_ns[LANE_RARE];
	if (lane == LANE_LIFECYCLE)
		return cfg_budget_interval_ns[LANE_LIFECYCLE];
	return cfg_budget_interval_ns[LANE_BULK];
}

static __always_inline bool allowance__take(u64 *paid_ns, u64 interval_ns, u64 now)
{
	for (int i = 0; i < BUDGET_TRIES; i++) {
		u64 paid = *(volatile u64 *)paid_ns;
		u64 from = paid > now ? paid : now;

		if (from > now + BUDGET_BURST_NS)
			return false;
		if (__sync_val_compare_and_swap(paid_ns, paid, from + interval_ns) == paid)
			return true;
	}
	return true;
}

static __always_inline struct cgroup_budget *cgroup_budget__of(u64 cgroup_id)
{
	struct cgroup_budget *b = bpf_map_lookup_elem(&cgroup_budgets, &cgroup_id);
	struct cgroup_budget fresh = {};

	if (b)
		return b;
	bpf_map_update_elem(&cgroup_budgets, &cgroup_id, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&cgroup_budgets, &cgroup_id);
}

static __always_inline bool named_file__has(u64 inode, u32 dev)
{
	struct named_key key = { .inode = inode, .dev = dev };

	return bpf_map_lookup_elem(&named_files, &key) != NULL;
}

static __always_inline bool touch__is_first(struct counted_key *key, u64 *paid_ns, u64 now)
{
	u64 *last = bpf_map_lookup_elem(&touched, key);

	if (last && now < *last + TOUCH_NS)
		return false;
	if (!allowance__take(paid_ns, TOUCH_INTERVAL_NS, now))
		return false;
	bpf_map_update_elem(&touched, key, &now, BPF_ANY);
	return true;
}

/* False: there is no row, nor room for one. */
static __always_inline bool row__add(void *table, struct counted_key *key, bool may_make, u64 now)
{
	struct counted_row *row = bpf_map_lookup_elem(table, key);
	struct counted_row fresh = { .first_ns = now };

	if (!row) {
		if (!may_make)
			return false;
		bpf_map_update_elem(table, key, &fresh, BPF_NOEXIST);
		row = bpf_map_lookup_elem(table, key);
		if (!row)
			return false;
	}
	__sync_fetch_and_add(&row->count, 1);
	row->last_ns = now;
	return true;
}

/* Whether the cgroup may take one more row, if it needs one. */
static __always_inline bool cgroup_budget__may_add_row(struct cgroup_budget *b, struct counted_key *key, u32 epoch)
{
	if (bpf_map_lookup_elem(&counted, key))
		return true;
	if (b->epoch != epoch) {
		b->epoch = epoch;
		b->rows = 0;
	}
	if (b->rows >= COUNTED_ROWS_MAX)
		return false;
	__sync_fetch_and_add(&b->rows, 1);
	return true;
}

/* False: it is in no table. */
static __always_inline bool cgroup_budget__count(struct cgroup_budget *b, struct counted_key *key, u64 now)
{
	u32 epoch = counted_epoch;
	struct counted_key coarse = {
		.cgroup_id = key->cgroup_id,
		.kind = key->kind,
		.lane = key->lane,
		.epoch = epoch & 1,
	};

	key->epoch = epoch & 1;
	if (cgroup_budget__may_add_row(b, key, epoch) && row__add(&counted, key, true, now))
		return true;
	return row__add(&counted_coarse, &coarse, true, now);
}

/*
 * Apart, and not inlined: the verifier goes through it once a program, whatever happened before. The key comes with
 * epoch 0, which is how touches are kept. Answers enum verdict, with VERDICT_UNLISTED when no table had room.
 */
#define VERDICT_UNLISTED 0x100

__weak __noinline int budget__verdict(struct counted_key *given, u32 touch, u64 now)
{
	struct cgroup_budget *b;
	struct counted_key key;
	u32 lane;

	if (!given)
		return VERDICT_SEND;
	key = *given;
	lane = key.lane;
	if (lane >= LANE_COUNT || touch >= TOUCH_COUNT)
		return VERDICT_SEND;
	b = cgroup_budget__of(key.cgroup_id);
	if (!b)
		return VERDICT_SEND;
	if (touch >= TOUCH_NAMED && touch__is_first(&key, &b->paid_ns[LANE_COUNT + touch], now))
		return VERDICT_FIRST;
	if (allowance__take(&b->paid_ns[lane], cfg_budget_interval_ns[lane], now))
		return VERDICT_SEND;
	if (touch != TOUCH_NONE && touch < TOUCH_NAMED && touch__is_first(&key, &b->paid_ns[LANE_COUNT + touch], now))
		return VERDICT_FIRST;
	return cgroup_budget__count(b, &key, now) ? VERDICT_COUNTED : VERDICT_COUNTED | VERDICT_UNLISTED;
}

#endif
