// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Tries to give the kernel code: modules, which fail, and BPF programs. */
#include "victim.h"

#include <linux/bpf.h>

static void module_act(void)
{
	int fd = open("module.ko", O_CREAT | O_RDWR, 0600);
	char image[100] = "not a module";
	long result;

	must(write(fd, image, sizeof(image)) == sizeof(image), "write");
	close(fd);
	fd = open("module.ko", O_RDONLY);
	/* EFAULT, ENOEXEC, or ENOSYS where the kernel has no modules: never success. */
	result = syscall(SYS_finit_module, fd, "option=1 other=two", 2);
	truth_begin("module", "finit_module", result);
	truth_number("fd", fd);
	truth_number("flags", 2);
	truth_string("params", "option=1 other=two");
	truth_file("file", fd);
	truth_end();
	result = syscall(SYS_init_module, image, sizeof(image), "option=3");
	truth_begin("module", "init_module", result);
	truth_number("fd", -1);
	truth_number("imageSize", sizeof(image));
	truth_string("params", "option=3");
	truth_no_file("file");
	truth_end();
	result = syscall(SYS_finit_module, 999, "", 0);
	truth_begin("module", "finit_module", result);
	truth_number("fd", 999);
	truth_string("params", "");
	truth_no_file("file");
	truth_end();
#ifdef HAS_COMPAT
	result = compat_syscall(350, fd, (long)low_string("compat=1"), 0, 0, 0);
	truth_begin("module", "finit_module", result);
	truth_number("fd", fd);
	truth_string("params", "compat=1");
	truth_file("file", fd);
	truth_compat();
	truth_end();
#endif
}

/* r0 = 0; exit, or only the first half, which no verifier takes. */
static long load_program(const char *name, unsigned count, struct bpf_insn *instructions, union bpf_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr->insn_cnt = count;
	attr->insns = (uintptr_t)instructions;
	attr->license = (uintptr_t)"GPL";
	strcpy(attr->prog_name, name);
	return syscall(SYS_bpf, BPF_PROG_LOAD, attr, sizeof(*attr));
}

static void loaded(long result, const char *name, unsigned count)
{
	char padded[16] = {};

	strcpy(padded, name);
	truth_begin("bpf", "bpf", result);
	truth_number("cmd", BPF_PROG_LOAD);
	truth_number("progType", BPF_PROG_TYPE_SOCKET_FILTER);
	truth_number("insnCount", count);
	truth_string("progName", name);
	truth_number("h.lane", result < 0 ? 2 : 0);
}

static void bpf_act(void)
{
	struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;
	long result = load_program("victim_prog", 2, program, &attr);

	loaded(result, "victim_prog", 2);
	truth_end();
	result = load_program("victim_bad", 1, program, &attr);
	loaded(result, "victim_bad", 1);
	truth_end();
#ifdef HAS_COMPAT
	union bpf_attr *low = low_memory(sizeof(attr));
	struct bpf_insn *low_program = low_memory(sizeof(program));

	load_program("victim_compat", 2, program, low);
	memcpy(low_program, program, sizeof(program));
	low->insns = (uintptr_t)low_program;
	low->license = (uintptr_t)low_string("GPL");
	result = compat_syscall(357, BPF_PROG_LOAD, (long)low, sizeof(*low), 0, 0);
	loaded(result, "victim_compat", 2);
	truth_compat();
	truth_end();
#endif
}

int main(int argc, char **argv)
{
	static const struct act acts[] = { { "module", module_act }, { "bpf", bpf_act }, { NULL, NULL } };

	return run_act(acts, argc, argv);
}
