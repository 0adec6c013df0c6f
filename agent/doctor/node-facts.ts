import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { arch, release } from 'node:os';
import { findCgroupMount } from '../pipeline/cgroup-mount.ts';

/** What this node says of itself, as far as it can be read. */
export interface NodeFacts {
  /** As `uname -r` says. */
  readonly kernel: string;
  /** In Node.js's words: x64, arm64. */
  readonly arch: string;
  /** Size of the description of the kernel's types; undefined when there is none. */
  readonly typesBytes: number | undefined;
  readonly uid: number;
  /** Effective capabilities, bit n is capability n. */
  readonly capabilities: bigint;
  /** Whether process numbers are the host's. */
  readonly hostPids: boolean;
  /** Where the v2 hierarchy of cgroups is mounted. */
  readonly cgroup2Mount: string | undefined;
}

/** The kernel gives this number to the pid namespace that it starts with. */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

export function readNodeFacts(): NodeFacts {
  const status = attempt(() => readFileSync('/proc/self/status', 'latin1')) ?? '';
  return {
    kernel: release(),
    arch: arch(),
    typesBytes: attempt(() => statSync('/sys/kernel/btf/vmlinux').size),
    uid: process.geteuid?.() ?? -1,
    capabilities: BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`),
    hostPids: attempt(() => readlinkSync('/proc/self/ns/pid')) === INITIAL_PID_NAMESPACE,
    cgroup2Mount: findCgroupMount(attempt(() => readFileSync('/proc/self/mountinfo', 'latin1')) ?? '', 'v2'),
  };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
