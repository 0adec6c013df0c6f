import { encodeDevice } from '../../lib/device.ts';
import { FCHOWNAT_FLAGS, FILE_FLAGS, MKNOD_MODE, PRCTL_OPTIONS, UMOUNT_FLAGS } from '../flag-tables.ts';
import { eventCall, eventCapset, eventHeader, eventTarget } from '../layout.gen.ts';
import { openFlagsOf } from '../open-flags.ts';
import type { RecordCursor } from '../record-cursor.ts';
import { choice, dirFd, flags, ownFd, path, plain, type RecordParameter, res, resFd } from './parameter.ts';

const first = (event: RecordCursor) => event.name;
const second = (event: RecordCursor) => event.secondName;
const VALUES = [eventCall.value0, eventCall.value1, eventCall.value2] as const;
type Place = 0 | 1 | 2;

/** One of the numbers that were passed: of 32 bits, with and without a sign, or of 64. */
const unsigned = (name: string, place: Place) => plain(name, 'UINT', (event) => event.bytes.u32(VALUES[place]));
const signed = (name: string, place: Place) => plain(name, 'INT', (event) => event.bytes.s32(VALUES[place]));
const wide = (name: string, place: Place) => plain(name, 'UINT', (event) => event.bytes.u64(VALUES[place]));
const bits = (name: string, place: Place) => plain(name, 'HEX', (event) => event.bytes.u32(VALUES[place]));
const text = (name: string) => plain(name, 'CHARBUF', (event) => event.bytes.text(eventCall.text));
const fd = ownFd('fd', (event) => event.bytes.s32(eventCall.fd));

const filePath = path('path', 'FSPATH', first);
const relativePath = path('path', 'FSRELPATH', first);
const directoryFd = dirFd('dirfd', first);

// The kernel takes a device's number as the user has it: minor in the low and high bits, major between.
const dev = unsigned('dev', 1);
const mode: RecordParameter = {
  ...plain('mode', 'MODE', (event) => event.bytes.u32(eventCall.value0)),
  table: MKNOD_MODE,
};

/** 32-bit callers pass a length of 64 bits in two halves. */
const length = plain('length', 'INT', (event) =>
  event.bytes.s64(eventCall.value0) < 0 || event.bytes.u32(eventCall.value1) === 0
    ? event.bytes.s64(eventCall.value0)
    : event.bytes.u32(eventCall.value0) + event.bytes.u32(eventCall.value1) * 2 ** 32,
);

/** Not terminated: the length says how much of what was read is meant. */
const hostName = plain('name', 'CHARBUF', (event) =>
  event.bytes.text(eventCall.text)?.slice(0, event.bytes.u32(eventCall.value0)),
);

const XATTR_OF_PATH = [res, filePath, text('name'), wide('size', 0), unsigned('flags', 1)];
const XATTR_OF_FD = [res, fd, text('name'), wide('size', 0), unsigned('flags', 1)];
const atFlags = flags('flags', FCHOWNAT_FLAGS, (event) => event.bytes.u32(eventCall.value0));

const PR_SET_NAME = 15;
const optionOf = (event: RecordCursor) => event.bytes.u32(eventCall.value0);

const COMM_BYTES = 16;
const targetPid: RecordParameter = {
  name: 'pid',
  type: 'PID',
  value: (event) => event.bytes.s32(eventTarget.targetPid),
  refers: (event) => event.bytes.padded(eventTarget.targetComm, COMM_BYTES) || undefined,
};
const targetTid: RecordParameter = { ...targetPid, name: 'tid' };
const signal = plain('sig', 'SIGTYPE', (event) => event.bytes.u32(eventTarget.value0));
// How much was read or written is the result; the bytes themselves are not copied.
const VM_ACCESS = [plain('res', 'INT', (event) => event.bytes.s64(eventHeader.result)), targetPid];

export const CALL_PARAMETERS = {
  chdir: [res, plain('path', 'CHARBUF', (event) => event.name?.raw)],
  fchdir: [res, fd],
  chroot: [res, filePath],
  // Falco knows no parameters of these and others below; the names are the kernel's.
  pivot_root: [res, path('new_root', 'FSPATH', first), path('put_old', 'FSPATH', second)],
  umount: [res, path('name', 'FSPATH', first)],
  umount2: [
    res,
    path('name', 'FSPATH', first),
    flags('flags', UMOUNT_FLAGS, (event) => event.bytes.u32(eventCall.value0)),
  ],
  mknod: [res, filePath, mode, dev],
  mknodat: [res, directoryFd, relativePath, mode, dev],
  truncate: [res, filePath, length],
  ftruncate: [res, fd, length],
  utimensat: [res, directoryFd, relativePath, atFlags],
  utime: [res, filePath],
  utimes: [res, filePath],
  futimesat: [res, directoryFd, relativePath],
  setxattr: XATTR_OF_PATH,
  lsetxattr: XATTR_OF_PATH,
  fsetxattr: XATTR_OF_FD,
  removexattr: [res, filePath, text('name')],
  lremovexattr: [res, filePath, text('name')],
  fremovexattr: [res, fd, text('name')],
  open_by_handle_at: [
    resFd('fd'),
    signed('mountfd', 0),
    flags('flags', FILE_FLAGS, (event) => openFlagsOf(event.origin.machine, event.bytes.u32(eventCall.value1))),
    plain('path', 'FSPATH', (event) => event.file?.path),
    plain('dev', 'HEX', (event) => encodeDevice(event.file?.dev ?? 0)),
    plain('ino', 'UINT', (event) => event.file?.inode ?? 0),
  ],
  capset: [
    res,
    plain('cap_inheritable', 'HEX', (event) => event.bytes.u64(eventCapset.capInheritable)),
    plain('cap_permitted', 'HEX', (event) => event.bytes.u64(eventCapset.capPermitted)),
    plain('cap_effective', 'HEX', (event) => event.bytes.u64(eventCapset.capEffective)),
  ],
  prctl: [
    res,
    choice('option', PRCTL_OPTIONS, optionOf),
    plain('arg2_str', 'CHARBUF', (event) => event.bytes.text(eventCall.text) ?? ''),
    plain('arg2_int', 'INT', (event) => (optionOf(event) === PR_SET_NAME ? 0 : event.bytes.s64(eventCall.value1))),
  ],
  seccomp: [res, wide('op', 0), wide('flags', 1)],
  keyctl: [res, signed('operation', 0), signed('arg2', 1), signed('arg3', 2)],
  add_key: [res, text('description'), wide('size', 0), signed('keyring', 1)],
  request_key: [res, text('description'), signed('keyring', 0)],
  process_vm_readv: VM_ACCESS,
  process_vm_writev: VM_ACCESS,
  userfaultfd: [
    resFd('res'),
    flags('flags', FILE_FLAGS, (event) => openFlagsOf(event.origin.machine, event.bytes.u32(eventCall.value0) | 3)),
  ],
  perf_event_open: [resFd('fd'), signed('pid', 0), signed('cpu', 1), bits('flags', 2)],
  io_uring_setup: [resFd('res'), unsigned('entries', 0)],
  kexec_load: [res, wide('nr_segments', 0), bits('flags', 1)],
  kexec_file_load: [res, fd, text('cmdline'), bits('flags', 1)],
  reboot: [res, bits('magic', 0), bits('magic2', 1), bits('cmd', 2)],
  swapon: [res, filePath, bits('flags', 0)],
  swapoff: [res, filePath],
  sethostname: [res, hostName],
  setdomainname: [res, hostName],
  acct: [res, filePath],
  quotactl: [res, bits('cmd', 0), path('special', 'FSPATH', first), unsigned('id', 1)],
  iopl: [res, unsigned('level', 0)],
  ioperm: [res, wide('from', 0), wide('num', 1), unsigned('turn_on', 2)],
  fsopen: [res, text('fs_name'), bits('flags', 0)],
  fsconfig: [res, fd, unsigned('cmd', 0), text('key'), signed('aux', 1)],
  fsmount: [res, fd, bits('flags', 0), bits('attr_flags', 1)],
  move_mount: [
    res,
    dirFd('from_dirfd', first),
    path('from_path', 'FSPATH', first),
    dirFd('to_dirfd', second),
    path('to_path', 'FSPATH', second),
    bits('flags', 0),
  ],
  open_tree: [res, directoryFd, relativePath, bits('flags', 0)],
  mount_setattr: [res, directoryFd, relativePath, bits('flags', 0)],
  kill: [res, targetPid, signal],
  tkill: [res, targetTid, signal],
  tgkill: [res, targetPid, plain('tid', 'PID', (event) => event.bytes.u32(eventTarget.value1)), signal],
  pidfd_send_signal: [res, plain('fd', 'INT', (event) => event.bytes.s32(eventTarget.fd)), targetPid, signal],
} as const satisfies Record<string, readonly RecordParameter[]>;
