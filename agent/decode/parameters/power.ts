import { mapBits } from '../../lib/flags.ts';
import {
  BPF_COMMANDS,
  CLONE_BITS,
  CLONE_FLAGS,
  MEMFD_FLAGS,
  MODULE_FLAGS,
  MOUNT_FLAGS,
  PTRACE_REQUESTS,
  ptraceRequest,
} from '../flag-tables.ts';
import {
  eventBpf,
  eventMemfd,
  eventModule,
  eventMount,
  eventPtrace,
  eventSetid,
  eventSetns,
  eventUnshare,
} from '../layout.gen.ts';
import type { RecordCursor } from '../record-cursor.ts';
import { choice, flags, ownFd, path, plain, type RecordParameter, res, resFd } from './parameter.ts';

const COMM_BYTES = 16;
/** Old programs put this number into the upper half of mount's flags; it means nothing. */
const MOUNT_MAGIC = 0xc0ed_0000;

const user = (name: string, at: number): RecordParameter => plain(name, 'UID', (event) => event.bytes.u32(at));
const group = (name: string, at: number): RecordParameter => plain(name, 'GID', (event) => event.bytes.u32(at));
// setuid and setgid name one id: the record has it where the real one is.
const { newReal, newEffective, newSaved, newFs } = eventSetid;

const target: RecordParameter = {
  name: 'pid',
  type: 'PID',
  value: (event) => event.bytes.u32(eventPtrace.targetPid),
  refers: (event) => event.bytes.padded(eventPtrace.targetComm, COMM_BYTES) || undefined,
};

function mountFlags(event: RecordCursor): number {
  const given = event.bytes.u32(eventMount.flags);
  return (given & 0xffff_0000) >>> 0 === MOUNT_MAGIC ? given & 0xffff : given;
}

export const POWER_PARAMETERS = {
  setuid: [res, user('uid', newReal)],
  setreuid: [res, user('ruid', newReal), user('euid', newEffective)],
  setresuid: [res, user('ruid', newReal), user('euid', newEffective), user('suid', newSaved)],
  setfsuid: [res, user('uid', newFs)],
  setgid: [res, group('gid', newReal)],
  setregid: [res, group('rgid', newReal), group('egid', newEffective)],
  setresgid: [res, group('rgid', newReal), group('egid', newEffective), group('sgid', newSaved)],
  setfsgid: [res, group('gid', newFs)],
  ptrace: [
    res,
    plain('addr', 'HEX', (event) => event.bytes.u64(eventPtrace.addr)),
    plain('data', 'HEX', (event) => event.bytes.u64(eventPtrace.data)),
    choice('request', PTRACE_REQUESTS, (event) => ptraceRequest(event.bytes.s64(eventPtrace.request))),
    target,
  ],
  init_module: [
    res,
    plain('length', 'UINT', (event) => event.bytes.u64(eventModule.imageSize)),
    plain('uargs', 'CHARBUF', (event) => event.bytes.text(eventModule.params)),
  ],
  finit_module: [
    res,
    ownFd('fd', (event) => event.bytes.s32(eventModule.fd)),
    plain('uargs', 'CHARBUF', (event) => event.bytes.text(eventModule.params)),
    flags('flags', MODULE_FLAGS, (event) => event.bytes.u32(eventModule.flags)),
  ],
  bpf: [resFd('fd'), choice('cmd', BPF_COMMANDS, (event) => event.bytes.u32(eventBpf.cmd))],
  memfd_create: [
    resFd('fd'),
    plain('name', 'CHARBUF', (event) => event.bytes.text(eventMemfd.name)),
    flags('flags', MEMFD_FLAGS, (event) => event.bytes.u32(eventMemfd.flags)),
  ],
  mount: [
    res,
    plain('dev', 'CHARBUF', (event) => event.bytes.text(eventMount.source)),
    path('dir', 'FSPATH', (event) => event.name),
    plain('type', 'CHARBUF', (event) => event.bytes.text(eventMount.type)),
    flags('flags', MOUNT_FLAGS, mountFlags),
  ],
  setns: [
    res,
    ownFd('fd', (event) => event.bytes.s32(eventSetns.fd)),
    flags('nstype', CLONE_FLAGS, (event) => mapBits(CLONE_BITS, event.bytes.u32(eventSetns.nsType))),
  ],
  unshare: [res, flags('flags', CLONE_FLAGS, (event) => mapBits(CLONE_BITS, event.bytes.u32(eventUnshare.flags)))],
} as const satisfies Record<string, readonly RecordParameter[]>;
