// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The sensor's object without its weight, for tests of the addon: the same maps, options and program names, but every
 * program is so small that the kernel takes it at once. Each getppid makes one record of the length and in the lane
 * that the call's unused arguments ask for, so that a test decides what a ring gets.
 */
#include "maps.h"
#include "programs.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, KIND_MAX);
	__type(key, u32);
	__type(value, u32);
} syscall_programs SEC(".maps");
