import type { Check } from './check.ts';
import type { NodeFacts } from './node-facts.ts';

/** Capabilities that the agent uses: their bits, and what is lost without them. */
const CAPABILITIES = [
  { name: 'CAP_BPF', bit: 39, needed: true, without: 'no program can be loaded' },
  { name: 'CAP_PERFMON', bit: 38, needed: true, without: 'no program can be attached' },
  {
    name: 'CAP_SYS_PTRACE',
    bit: 19,
    needed: false,
    without: 'what /proc says of processes of others (executable, folder) is not known',
  },
  {
    name: 'CAP_DAC_READ_SEARCH',
    bit: 2,
    needed: false,
    without: 'files that only their owners may read (environment of others, rule files) cannot be read',
  },
] as const;
/** Does what CAP_BPF and CAP_PERFMON do, and more. */
const CAP_SYS_ADMIN = 21;

const OLDEST_KERNEL = [5, 10] as const;
const ARCHES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };

/** What can be told without trying. */
export function nodeChecks(facts: NodeFacts): readonly Check[] {
  return [kernel(facts), types(facts), capabilities(facts), pids(facts), cgroups(facts)];
}

function kernel({ kernel: release, arch }: NodeFacts): Check {
  const found = `${release}, ${ARCHES[arch] ?? arch}`;
  if (ARCHES[arch] === undefined) {
    return { name: 'kernel', state: 'missing', found, means: 'The programs are built for x86_64 and arm64.' };
  }
  const [major = 0, minor = 0] = release.split('.').map(Number);
  const old = major < OLDEST_KERNEL[0] || (major === OLDEST_KERNEL[0] && minor < OLDEST_KERNEL[1]);
  if (!old) return { name: 'kernel', state: 'ok', found };
  return { name: 'kernel', state: 'missing', found, means: `Linux ${OLDEST_KERNEL.join('.')} or later is needed.` };
}

function types({ typesBytes }: NodeFacts): Check {
  const name = 'kernel types';
  if (typesBytes !== undefined) {
    return { name, state: 'ok', found: `/sys/kernel/btf/vmlinux, ${(typesBytes / 2 ** 20).toFixed(1)} MiB` };
  }
  const means =
    'The programs cannot be fitted to this kernel: it must be built with CONFIG_DEBUG_INFO_BTF=y, and /sys mounted.';
  return { name, state: 'missing', found: 'no /sys/kernel/btf/vmlinux', means };
}

function capabilities({ uid, capabilities: set }: NodeFacts): Check {
  const has = (bit: number): boolean => ((set >> BigInt(bit)) & 1n) === 1n;
  const absent = CAPABILITIES.filter(({ bit, needed }) => !has(bit) && !(needed && has(CAP_SYS_ADMIN)));
  const name = 'capabilities';
  const who = `uid ${uid}`;
  if (absent.length === 0) {
    return { name, state: 'ok', found: `${who}, with all of ${CAPABILITIES.map((each) => each.name).join(' ')}` };
  }
  return {
    name,
    state: absent.some(({ needed }) => needed) ? 'missing' : 'limited',
    found: `${who}, without ${absent.map((each) => each.name).join(' ')}`,
    means: `${absent.map((each) => `Without ${each.name} ${each.without}`).join('. ')}. Run as root or give these.`,
  };
}

function pids({ hostPids }: NodeFacts): Check {
  const name = 'process numbers';
  if (hostPids) return { name, state: 'ok', found: "the host's" };
  return {
    name,
    state: 'limited',
    found: 'those of a pid namespace',
    means: 'Processes outside of it are not found in /proc: run in the pid namespace of the host (hostPID: true).',
  };
}

function cgroups({ cgroup2Mount }: NodeFacts): Check {
  const found = cgroup2Mount === undefined ? 'no v2 hierarchy is mounted' : `v2 at ${cgroup2Mount}`;
  return { name: 'cgroup mounts', state: 'ok', found };
}
