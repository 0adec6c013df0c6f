/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What a victim says of a call whose record has the common shape. */
#ifndef CALLS_H
#define CALLS_H

#include "victim.h"

/* Numbers as they were passed: of 64 bits without a sign. */
static void truth_value(const char *key, unsigned long long value)
{
	line_add(",\"%s\":%llu", key, value);
}

/* `is_rare`: success changes the machine. */
static void call_begin(const char *kind, const char *call, long result, bool is_rare)
{
	truth_begin(kind, call, result);
	truth_number("h.lane", result >= 0 && is_rare ? 0 : 2);
}

static void truth_values(unsigned long long a, unsigned long long b, unsigned long long c)
{
	truth_value("value0", a);
	truth_value("value1", b);
	truth_value("value2", c);
}

static void truth_path(const char *name, const char *directory, const char *value, int dirfd)
{
	truth_string(name, value);
	if (value[0] == '/')
		truth_absent(directory);
	else
		truth_directory(directory, dirfd);
}

static void truth_name(const char *value, int dirfd)
{
	truth_path("name", "dirPath", value, dirfd);
	truth_number("dirfd", dirfd);
}

/* A descriptor that was passed, or that there is now. */
static void truth_fd(int fd)
{
	truth_number("fd", fd);
	if (fcntl(fd, F_GETFD) >= 0)
		truth_file("file", fd);
	else
		truth_no_file("file");
}

#endif
