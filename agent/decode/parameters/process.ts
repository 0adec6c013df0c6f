import { mapBits } from '../../lib/flags.ts';
import { CLONE_BITS, CLONE_FLAGS, EXEC_FLAGS } from '../flag-tables.ts';
import { eventExit, eventFork } from '../layout.gen.ts';
import type { RecordCursor } from '../record-cursor.ts';
import { flags, path, plain, type RecordParameter, res } from './parameter.ts';

/** NUL after each argument, as the kernel has them. */
function terminated(args: readonly string[] | undefined): string | undefined {
  return args === undefined || args.length === 0 ? undefined : `${args.join('\0')}\0`;
}

function execFlags(event: RecordCursor): number | undefined {
  const image = event.image;
  if (image === undefined) return undefined;
  const { layer, memfd } = image.exe;
  return (image.writable ? 1 : 0) | (layer === 'upper' ? 2 : layer === 'lower' ? 8 : 0) | (memfd ? 4 : 0);
}

const EXEC: readonly RecordParameter[] = [
  res,
  plain('exe', 'CHARBUF', (event) => event.image?.args?.[0]),
  plain('args', 'BYTEBUF', (event) => terminated(event.image?.args?.slice(1))),
  plain('tid', 'PID', (event) => event.tid),
  plain('pid', 'PID', (event) => event.pid),
  plain('ptid', 'PID', (event) => event.ppid),
  plain('cwd', 'CHARBUF', (event) => event.image?.cwd),
  plain('comm', 'CHARBUF', (event) => event.comm),
  plain('env', 'BYTEBUF', (event) => terminated(event.image?.env)),
  plain('tty', 'UINT', (event) => event.tty),
  plain('loginuid', 'UID', (event) => event.loginuid),
  flags('flags', EXEC_FLAGS, execFlags),
  plain('cap_inheritable', 'HEX', (event) => event.image?.capInheritable),
  plain('cap_permitted', 'HEX', (event) => event.image?.capPermitted),
  plain('cap_effective', 'HEX', (event) => event.capEffective),
  plain('exe_ino', 'UINT', (event) => event.image?.exe.inode),
  plain('exe_ino_ctime', 'ABSTIME', (event) => event.image?.exe.ctimeNs),
  plain('exe_ino_mtime', 'ABSTIME', (event) => event.image?.exe.mtimeNs),
  plain('uid', 'UID', (event) => event.euid),
  plain('trusted_exepath', 'FSPATH', (event) => event.image?.exe.path),
  plain('pgid', 'PID', (event) => event.pgid),
  plain('gid', 'GID', (event) => event.egid),
  path('filename', 'FSPATH', (event) => event.name),
];

const FORK: readonly RecordParameter[] = [
  plain('res', 'PID', (event) => event.result),
  plain('tid', 'PID', (event) => event.tid),
  plain('pid', 'PID', (event) => event.pid),
  plain('ptid', 'PID', (event) => event.ppid),
  plain('comm', 'CHARBUF', (event) => event.comm),
  flags('flags', CLONE_FLAGS, (event) => mapBits(CLONE_BITS, event.bytes.u32(eventFork.cloneFlags))),
  plain('uid', 'UINT', (event) => event.euid),
  plain('gid', 'UINT', (event) => event.egid),
  plain('vtid', 'UINT', (event) => event.vtid),
  plain('vpid', 'UINT', (event) => event.vpid),
];

const exitCode = (event: RecordCursor): number => event.bytes.s32(eventExit.exitCode);

export const PROCESS_PARAMETERS = {
  execve: EXEC,
  execveat: EXEC,
  clone: FORK,
  clone3: FORK,
  fork: FORK,
  vfork: FORK,
  procexit: [
    plain('status', 'ERRNO', exitCode),
    plain('ret', 'ERRNO', (event) => (exitCode(event) >> 8) & 0xff),
    plain('sig', 'SIGTYPE', (event) => exitCode(event) & 0x7f),
    plain('core', 'UINT', (event) => (exitCode(event) >> 7) & 1),
  ],
} as const satisfies Record<string, readonly RecordParameter[]>;
