import { errnoName } from '../agent/lib/errno.ts';

/** How an operation of the addon ended, where it did not work. */
export interface NativeFailure {
  readonly operation: string;
  /** Positive; 0 where there is none. */
  readonly errno: number;
  /** What libbpf and the verifier said. */
  readonly log: string;
}

/** Every code that a SensorError can have, with what to do about it. */
export const SENSOR_ERRORS = {
  E_ADDON: 'Build it with: bash scripts/build-native.sh',
  E_BPF_OBJECT: 'Build it with: bash scripts/build-native.sh, or name the right file as objectPath.',
  E_ABI_MISMATCH: 'The BPF object and the agent are from different builds: build both again.',
  E_NO_BTF:
    'The kernel must describe its types in /sys/kernel/btf/vmlinux: one built with CONFIG_DEBUG_INFO_BTF=y (5.10 or later).',
  E_BPF_PERMISSION: 'Run as root, or with the capabilities CAP_BPF and CAP_PERFMON.',
  E_BPF_LOAD: 'The kernel refused a program; the last lines of its verifier are in verifierLog.',
  E_BPF_ATTACH: 'The program loads, but this kernel does not let it attach where it belongs.',
  E_CGROUP_HIERARCHY: "Use cgroupHierarchy 'auto', or a hierarchy that this kernel has.",
  E_BPF_ITERATOR: 'The list of processes that run already could not be read.',
  E_SENSOR_STATE: 'The order is: openSensor, load, setPlan, attach, start, stop, close.',
  E_SENSOR: 'The kernel refused a request of the sensor.',
} as const;
export type SensorErrorCode = keyof typeof SENSOR_ERRORS;

/** Lines of the verifier that are kept: its reason is at the end. */
const LOG_LINES = 40;
/** libbpf's own error numbers begin here. */
const LIBBPF_ERRORS = 4000;
const EPERM = 1;
const EACCES = 13;
const EBADFD = 77;

/** A failure of the sensor: what was tried, what the kernel answered, and what helps. */
export class SensorError extends Error {
  /** 'open', 'load', 'attach <program>', ... */
  readonly operation: string;
  /** The kernel's error number; 0 where it is none of the kernel's. */
  readonly errno: number;
  readonly code: SensorErrorCode;
  readonly hint: string;
  /** The last lines that libbpf and the verifier wrote, when they wrote any. */
  readonly verifierLog?: string;

  constructor(failure: NativeFailure, code = codeOf(failure), options?: { readonly cause?: unknown }) {
    super(messageOf(failure), options);
    this.name = 'SensorError';
    this.operation = failure.operation;
    this.errno = failure.errno < LIBBPF_ERRORS ? failure.errno : 0;
    this.code = code;
    this.hint = SENSOR_ERRORS[code];
    const lines = failure.log.split('\n').filter((line) => line !== '');
    if (lines.length > 0) this.verifierLog = lines.slice(-LOG_LINES).join('\n');
  }
}

const CODE_OF_OPERATION: Readonly<Record<string, SensorErrorCode>> = {
  open: 'E_BPF_OBJECT',
  'set options': 'E_BPF_OBJECT',
  'set ring sizes': 'E_BPF_OBJECT',
  'fill program table': 'E_BPF_OBJECT',
  'check abi': 'E_ABI_MISMATCH',
  'choose cgroup hierarchy': 'E_CGROUP_HIERARCHY',
  'find kernel types': 'E_NO_BTF',
  load: 'E_BPF_LOAD',
  'read tasks': 'E_BPF_ITERATOR',
};

function codeOf({ operation, errno, log }: NativeFailure): SensorErrorCode {
  if (errno === EBADFD) return 'E_SENSOR_STATE';
  // The verifier answers EACCES as well, but then it says why.
  const refused = errno === EPERM || (errno === EACCES && !log.includes('BEGIN PROG LOAD LOG'));
  if (refused && operation !== 'open') return 'E_BPF_PERMISSION';
  return CODE_OF_OPERATION[operation] ?? (operation.startsWith('attach ') ? 'E_BPF_ATTACH' : 'E_SENSOR');
}

function messageOf({ operation, errno, log }: NativeFailure): string {
  const isKernels = errno !== 0 && errno < LIBBPF_ERRORS;
  const name = isKernels ? ` with ${errnoName(errno) ?? `error ${errno}`}` : '';
  // What the addon itself says is one line. libbpf's lines are for verifierLog, unless nobody else says anything.
  const line = log.split('\n', 1)[0] ?? '';
  const said = line.startsWith('libbpf: ') ? (isKernels ? '' : line.slice('libbpf: '.length)) : line;
  return `sensor: ${operation} failed${name}${said === '' ? '' : `: ${said}`}`;
}
