/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The beginning that all system-call programs share: is it wanted, and the header of its record. */
#ifndef ATALAYA_CALL_H
#define ATALAYA_CALL_H

#include "syscalls.h"
#include "task.h"

#define EINPROGRESS 115

static __always_inline bool result__wanted(u16 kind, s64 ret)
{
	u8 filter = result_wanted[kind & (KIND_MAX - 1)];

	if (filter == RESULT_SUCCESS)
		return ret >= 0 || ret == -EINPROGRESS;
	return filter != RESULT_FAILURE || ret < 0;
}

/* A record with its header for the call that is about to return; bytes NULL: nothing to do. */
static __always_inline struct record call__begin(struct call *c, u16 kind, u32 size,
						 struct task_struct *task)
{
	struct record none = {};
	struct record r;

	if (!result__wanted(kind, c->ret))
		return none;
	r = record__begin(&record_scratch, size);
	if (!r.bytes)
		return none;
	if (size > sizeof(struct event_header))
		__builtin_memset(r.bytes + sizeof(struct event_header), 0,
				 size - sizeof(struct event_header));
	header__task(record__header(&r), task);
	record__header(&r)->syscall = c->nr;
	record__header(&r)->result = c->ret;
	record__header(&r)->flags = c->flags;
	return r;
}

#endif
