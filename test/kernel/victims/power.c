// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Power over other processes and over the machine, only tried where it would change anything. */
#include "calls.h"

#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/uio.h>

/* ---- other processes ---- */


static pid_t waiting_child(void)
{
	pid_t child = fork();

	must(child >= 0, "fork");
	if (child == 0)
		for (;;)
			pause();
	return child;
}

static void signal_act(void)
{
	pid_t child = waiting_child();
	int pidfd = syscall(SYS_pidfd_open, child, 0), status;
	long result = syscall(SYS_kill, child, 0);

	call_begin("signal", "kill", result, false);
	truth_number("targetPid", child);
	truth_value("value0", 0);
	truth_string("targetComm", "power");
	truth_end();
	result = syscall(SYS_tkill, getpid(), 0);
	call_begin("signal", "tkill", result, false);
	truth_number("targetPid", getpid());
	truth_value("value0", 0);
	truth_end();
	result = syscall(SYS_tgkill, getpid(), getpid(), 0);
	call_begin("signal", "tgkill", result, false);
	truth_number("targetPid", getpid());
	truth_value("value0", 0);
	truth_value("value1", getpid());
	truth_end();
	result = syscall(SYS_kill, 0x3fffff, SIGTERM); /* nobody */
	call_begin("signal", "kill", result, false);
	truth_number("targetPid", 0x3fffff);
	truth_value("value0", SIGTERM);
	truth_string("targetComm", "");
	truth_end();
	result = syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	call_begin("signal", "pidfd_send_signal", result, false);
	truth_number("fd", pidfd);
	truth_value("value0", SIGKILL);
	truth_string("targetComm", "power");
	truth_end();
	must(waitpid(child, &status, 0) == child && WTERMSIG(status) == SIGKILL, "the end of the child");
#ifdef HAS_COMPAT
	result = compat_syscall(270, getpid(), getpid(), 0, 0, 0);
	call_begin("signal", "tgkill", result, false);
	truth_number("targetPid", getpid());
	truth_value("value1", getpid());
	truth_compat();
	truth_end();
#endif
}

static void vmaccess_act(void)
{
	char there[8] = "there", here[8] = "";
	struct iovec remote = { there, 6 }, local = { here, 6 };
	long result = syscall(SYS_process_vm_readv, getpid(), &local, 1UL, &remote, 1UL, 0UL);

	call_begin("vmaccess", "process_vm_readv", result, false);
	truth_number("targetPid", getpid());
	truth_value("value0", 1);
	truth_value("value1", 1);
	truth_string("targetComm", "power");
	truth_end();
	result = syscall(SYS_process_vm_writev, 0x3fffff, &local, 1UL, &remote, 1UL, 0UL);
	call_begin("vmaccess", "process_vm_writev", result, false);
	truth_number("targetPid", 0x3fffff);
	truth_string("targetComm", "");
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(347, 0x3fffff, 0, 0, 0, 0);
	call_begin("vmaccess", "process_vm_readv", result, false);
	truth_number("targetPid", 0x3fffff);
	truth_compat();
	truth_end();
#endif
}

/* ---- its own ---- */

static void sets_asked(const struct __user_cap_data_struct *data)
{
	truth_value("capInheritable", (uint64_t)data[1].inheritable << 32 | data[0].inheritable);
	truth_value("capPermitted", (uint64_t)data[1].permitted << 32 | data[0].permitted);
	truth_value("capEffective", (uint64_t)data[1].effective << 32 | data[0].effective);
}

static void capset_act(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	long result;

	must(syscall(SYS_capget, &head, data) == 0, "capget");
	data[0].effective &= ~(1u << CAP_CHOWN);
	result = syscall(SYS_capset, &head, data);
	call_begin("capset", "capset", result, true);
	sets_asked(data);
	truth_end();
	head.version = 7;
	result = syscall(SYS_capset, &head, data);
	head.version = _LINUX_CAPABILITY_VERSION_3;
	call_begin("capset", "capset", result, true);
	sets_asked(data);
	truth_end();
#ifdef HAS_COMPAT
	void *low_head = memcpy(low_memory(sizeof(head)), &head, sizeof(head));
	void *low_data = memcpy(low_memory(sizeof(data)), data, sizeof(data));

	result = compat_syscall(185, (long)low_head, (long)low_data, 0, 0, 0);
	call_begin("capset", "capset", result, true);
	sets_asked(data);
	truth_compat();
	truth_end();
#endif
}

static void prctl_act(void)
{
	long result = syscall(SYS_prctl, PR_SET_NAME, "renamed", 0, 0, 0);

	call_begin("prctl", "prctl", result, false);
	truth_value("value0", PR_SET_NAME);
	truth_string("text", "renamed");
	truth_end();
	result = syscall(SYS_prctl, PR_SET_DUMPABLE, 1L, 0, 0, 0);
	call_begin("prctl", "prctl", result, false);
	truth_value("value0", PR_SET_DUMPABLE);
	truth_value("value1", 1);
	truth_absent("text");
	truth_end();
	result = syscall(SYS_prctl, 9999L, 0L, 0, 0, 0);
	call_begin("prctl", "prctl", result, false);
	truth_value("value0", 9999);
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(172, PR_SET_NAME, (long)low_string("low"), 0, 0, 0);
	call_begin("prctl", "prctl", result, false);
	truth_value("value0", PR_SET_NAME);
	truth_string("text", "low");
	truth_compat();
	truth_end();
#endif
}

static void seccomp_act(void)
{
	uint32_t action = SECCOMP_RET_ALLOW;
	long result = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);

	call_begin("seccomp", "seccomp", result, false);
	truth_values(SECCOMP_GET_ACTION_AVAIL, 0, 0);
	truth_end();
	result = syscall(SYS_seccomp, 99, 1, NULL);
	call_begin("seccomp", "seccomp", result, false);
	truth_values(99, 1, 0);
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(354, 99, 1, 0, 0, 0);
	call_begin("seccomp", "seccomp", result, false);
	truth_values(99, 1, 0);
	truth_compat();
	truth_end();
#endif
}

static void keys_act(void)
{
	long result = syscall(SYS_keyctl, (long)KEYCTL_GET_KEYRING_ID, (long)KEY_SPEC_PROCESS_KEYRING, 1L);

	call_begin("keys", "keyctl", result, false);
	truth_values(KEYCTL_GET_KEYRING_ID, (uint64_t)(long)KEY_SPEC_PROCESS_KEYRING, 1);
	truth_end();
	result = syscall(SYS_add_key, "user", "of-the-victim", "x", 1UL, (long)KEY_SPEC_PROCESS_KEYRING);
	call_begin("keys", "add_key", result, false);
	truth_string("text", "of-the-victim");
	truth_value("value0", 1);
	truth_end();
	result = syscall(SYS_keyctl, 9999L, 0L, 0L);
	call_begin("keys", "keyctl", result, false);
	truth_values(9999, 0, 0);
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(288, 9999, 7, 8, 0, 0);
	call_begin("keys", "keyctl", result, false);
	truth_values(9999, 7, 8);
	truth_compat();
	truth_end();
#endif
}

/* ---- power over memory, and what bypasses calls ---- */

static void given(const char *kind, const char *call, long fd)
{
	call_begin(kind, call, fd, false);
	if (fd >= 0)
		truth_fd(fd);
	else
		truth_no_file("file");
}

static void userfaultfd_act(void)
{
	given("userfaultfd", "userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK));
	truth_value("value0", O_CLOEXEC | O_NONBLOCK);
	truth_end();
	given("userfaultfd", "userfaultfd", syscall(SYS_userfaultfd, 0x40000000L));
	truth_value("value0", 0x40000000);
	truth_end();
#ifdef HAS_COMPAT
	given("userfaultfd", "userfaultfd", compat_syscall(374, O_CLOEXEC, 0, 0, 0, 0));
	truth_value("value0", O_CLOEXEC);
	truth_compat();
	truth_end();
#endif
}

static void perf_act(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_DUMMY, .disabled = 1,
	};

	given("perf", "perf_event_open", syscall(SYS_perf_event_open, &attr, 0L, -1L, -1L, PERF_FLAG_FD_CLOEXEC));
	truth_values(0, (uint64_t)-1, PERF_FLAG_FD_CLOEXEC);
	truth_end();
	given("perf", "perf_event_open", syscall(SYS_perf_event_open, &attr, 0L, 0x7fffL, -1L, 0L));
	truth_values(0, 0x7fff, 0);
	truth_end();
#ifdef HAS_COMPAT
	void *low = memcpy(low_memory(sizeof(attr)), &attr, sizeof(attr));

	given("perf", "perf_event_open", compat_syscall(336, (long)low, 0, 0x7fff, -1, 0));
	truth_values(0, 0x7fff, 0);
	truth_compat();
	truth_end();
#endif
}

static void ring_act(void)
{
	char parameters[120] = {}; /* struct io_uring_params */

	given("ring", "io_uring_setup", syscall(SYS_io_uring_setup, 4L, parameters));
	truth_value("value0", 4);
	truth_end();
	given("ring", "io_uring_setup", syscall(SYS_io_uring_setup, 0L, parameters));
	truth_value("value0", 0);
	truth_end();
#ifdef HAS_COMPAT
	given("ring", "io_uring_setup", compat_syscall(425, 8, (long)low_memory(120), 0, 0, 0));
	truth_value("value0", 8);
	truth_compat();
	truth_end();
#endif
}

/* ---- the machine: nothing here can succeed, but for what changes nothing ---- */

static void kexec_act(void)
{
	long result = syscall(SYS_kexec_load, 0L, 0x7fffL, NULL, 0xffff0000L);

	call_begin("kexec", "kexec_load", result, true);
	truth_values(0x7fff, 0xffff0000, 0);
	truth_end();
#ifdef SYS_kexec_file_load
	result = syscall(SYS_kexec_file_load, 999, -1, 7UL, "command", 0x1000L);
	call_begin("kexec", "kexec_file_load", result, true);
	truth_fd(999);
	truth_string("text", "command");
	truth_end();
#endif
#ifdef HAS_COMPAT
	result = compat_syscall(283, 0, 0x7fff, 0, 0xffff0000, 0);
	call_begin("kexec", "kexec_load", result, true);
	truth_values(0x7fff, 0xffff0000, 0);
	truth_compat();
	truth_end();
#endif
}

static void host_name(void)
{
	long result;

	must(unshare(CLONE_NEWUTS) == 0, "unshare");
	result = syscall(SYS_sethostname, "victim-host", 6UL);
	call_begin("machine", "sethostname", result, true);
	truth_string("text", "victim-host");
	truth_value("value0", 6);
	truth_end();
	result = syscall(SYS_setdomainname, "domain", 1000UL);
	call_begin("machine", "setdomainname", result, true);
	truth_string("text", "domain");
	truth_value("value0", 1000);
	truth_end();
}

static void machine_act(void)
{
	long result = syscall(SYS_reboot, 1L, 2L, 3L, NULL); /* without the numbers that it wants */

	call_begin("machine", "reboot", result, true);
	truth_values(1, 2, 3);
	truth_end();
	result = syscall(SYS_swapon, "missing", 1L);
	call_begin("machine", "swapon", result, true);
	truth_name("missing", AT_FDCWD);
	truth_value("value0", 1);
	truth_end();
	result = syscall(SYS_swapoff, "missing");
	call_begin("machine", "swapoff", result, true);
	truth_name("missing", AT_FDCWD);
	truth_end();
	result = syscall(SYS_acct, "missing");
	call_begin("machine", "acct", result, true);
	truth_name("missing", AT_FDCWD);
	truth_end();
	result = syscall(SYS_quotactl, 0x800007L << 8, "missing", 5L, NULL);
	call_begin("machine", "quotactl", result, true);
	truth_name("missing", AT_FDCWD);
	truth_values(0x800007L << 8, 5, 0);
	truth_end();
#ifdef SYS_iopl
	result = syscall(SYS_iopl, 0L);
	call_begin("machine", "iopl", result, true);
	truth_value("value0", 0);
	truth_end();
	result = syscall(SYS_ioperm, 0x80L, 0x20000L, 1L);
	call_begin("machine", "ioperm", result, true);
	truth_values(0x80, 0x20000, 1);
	truth_end();
#endif
	in_child(host_name);
#ifdef HAS_COMPAT
	result = compat_syscall(88, 1, 2, 3, 0, 0);
	call_begin("machine", "reboot", result, true);
	truth_values(1, 2, 3);
	truth_compat();
	truth_end();
#endif
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "signal", signal_act },	    { "vmaccess", vmaccess_act }, { "capset", capset_act },
		{ "prctl", prctl_act },		    { "seccomp", seccomp_act },	  { "keys", keys_act },
		{ "userfaultfd", userfaultfd_act }, { "perf", perf_act },	  { "ring", ring_act },
		{ "kexec", kexec_act },		    { "machine", machine_act },	  { NULL, NULL },
	};

	return run_act(acts, argc, argv);
}
