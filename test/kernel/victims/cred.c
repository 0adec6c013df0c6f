// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Changes of credentials, each in a child of its own. Runs as root. */
#include "victim.h"

#define SAME 0xffffffffLL

static void changed(const char *kind, const char *call, long result, long long real, long long effective,
		    long long saved, long long fs)
{
	truth_begin(kind, call, result);
	truth_number("newReal", real);
	truth_number("newEffective", effective);
	truth_number("newSaved", saved);
	truth_number("newFs", fs);
}

static void old(long long real, long long effective)
{
	truth_number("oldReal", real);
	truth_number("oldEffective", effective);
}

/* The first call of a task: what it was before is unknown, or told; the second knows. */
static void to_user_and_back(void)
{
	long result = syscall(SYS_setresuid, -1, 1000, -1);

	changed("setuid", "setresuid", result, SAME, 1000, SAME, SAME);
	truth_end();
	result = syscall(SYS_setresuid, 1001, 0, 1000);
	changed("setuid", "setresuid", result, 1001, 0, 1000, SAME);
	old(0, 1000);
	truth_end();
}

static void plain_uid(void)
{
	long result = syscall(SYS_setuid, 1000);

	changed("setuid", "setuid", result, 1000, SAME, SAME, SAME);
	truth_end();
	result = syscall(SYS_setuid, 0);
	changed("setuid", "setuid", result, 0, SAME, SAME, SAME);
	old(1000, 1000);
	truth_number("h.lane", 2); /* a failure */
	truth_end();
}

static void pair_of_uids(void)
{
	long result = syscall(SYS_setreuid, 1000, 1001);

	changed("setuid", "setreuid", result, 1000, 1001, SAME, SAME);
	truth_number("h.lane", 0); /* a change */
	truth_end();
}

static void uid_for_files(void)
{
	long result = syscall(SYS_setfsuid, 1000);

	changed("setuid", "setfsuid", result, SAME, SAME, SAME, 1000);
	truth_end();
}

static void unchanged_uid(void)
{
	long result;

	syscall(SYS_setuid, 0);
	result = syscall(SYS_setreuid, 0, 0);
	changed("setuid", "setreuid", result, 0, 0, SAME, SAME);
	old(0, 0);
	truth_number("h.lane", 2); /* nothing changed */
	truth_end();
}

static void compat_uid(void)
{
#ifdef HAS_COMPAT
	/* 16 bits, where 0xffff is "unchanged", then 32. */
	long result = compat_syscall(164, 0xffff, 1000, 0xffff, 0, 0);

	changed("setuid", "setresuid", result, SAME, 1000, SAME, SAME);
	truth_compat();
	truth_end();
	result = compat_syscall(213, 70000, 0, 0, 0, 0);
	changed("setuid", "setuid", result, 70000, SAME, SAME, SAME);
	truth_compat();
	truth_end();
#endif
}

static void setuid_act(void)
{
	in_child(to_user_and_back);
	in_child(plain_uid);
	in_child(pair_of_uids);
	in_child(uid_for_files);
	in_child(unchanged_uid);
	in_child(compat_uid);
}

static void groups(void)
{
	long result = syscall(SYS_setgid, 1000);

	changed("setgid", "setgid", result, 1000, SAME, SAME, SAME);
	truth_end();
	result = syscall(SYS_setregid, 1001, 1002);
	changed("setgid", "setregid", result, 1001, 1002, SAME, SAME);
	old(1000, 1000);
	truth_end();
	result = syscall(SYS_setresgid, -1, 1003, 1004);
	changed("setgid", "setresgid", result, SAME, 1003, 1004, SAME);
	old(1001, 1002);
	truth_end();
	result = syscall(SYS_setfsgid, 1005);
	changed("setgid", "setfsgid", result, SAME, SAME, SAME, 1005);
	truth_end();
}

static void forbidden_group(void)
{
	long result;

	must(setresuid(1000, 1000, 1000) == 0, "setresuid");
	result = syscall(SYS_setgid, 7);
	changed("setgid", "setgid", result, 7, SAME, SAME, SAME);
	truth_number("h.lane", 2);
	truth_end();
}

static void compat_gid(void)
{
#ifdef HAS_COMPAT
	long result = compat_syscall(71, 1000, 0xffff, 0, 0, 0);

	changed("setgid", "setregid", result, 1000, SAME, SAME, SAME);
	truth_compat();
	truth_end();
	result = compat_syscall(210, -1, 70000, -1, 0, 0);
	changed("setgid", "setresgid", result, SAME, 70000, SAME, SAME);
	truth_compat();
	truth_end();
#endif
}

static void setgid_act(void)
{
	in_child(groups);
	in_child(forbidden_group);
	in_child(compat_gid);
}

/* Nobody could tell one from the other. */
static void loop_act(void)
{
	uid_t uid = getuid();

	for (int i = 0; i < 1000; i++)
		must(syscall(SYS_setuid, uid) == 0, "setuid");
}

int main(int argc, char **argv)
{
	static const struct act acts[] = { { "setuid", setuid_act }, { "setgid", setgid_act },
					    { "loop", loop_act },	    { NULL, NULL } };

	return run_act(acts, argc, argv);
}
