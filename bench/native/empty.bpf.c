// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* What any program at syscall exit costs: the unit E that the figures of the sensor are given in. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sys_exit")
int empty(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
