import { encodeDevice } from '../../lib/device.ts';
import {
  CREAT_FLAGS,
  FCHOWNAT_FLAGS,
  FILE_FLAGS,
  LINKAT_FLAGS,
  RENAME_FLAGS,
  RESOLVE_FLAGS,
  UNLINKAT_FLAGS,
} from '../flag-tables.ts';
import {
  eventChmod,
  eventChown,
  eventDup,
  eventLink,
  eventMkdir,
  eventOpen,
  eventRename,
  eventUnlink,
} from '../layout.gen.ts';
import { OPEN_UPPER_LAYER } from '../open-flags.ts';
import type { RecordCursor } from '../record-cursor.ts';
import { dirFd, flags, ownFd, path, plain, type RecordParameter, res, resFd } from './parameter.ts';

const first = (event: RecordCursor) => event.name;
const second = (event: RecordCursor) => event.secondName;

// A failed open has no file: Falco shows zeroes.
const dev = plain('dev', 'HEX', (event) => encodeDevice(event.file?.dev ?? 0));
const ino = plain('ino', 'UINT', (event) => event.file?.inode ?? 0);
const openFlags = flags('flags', FILE_FLAGS, (event) => event.openFlags);
const openMode = plain('mode', 'OCT', (event) => event.openMode);
const resolve = flags('resolve', RESOLVE_FLAGS, (event) => event.bytes.u32(eventOpen.resolve));
const creatFlags = flags('creat_flags', CREAT_FLAGS, (event) => (event.layerFlags / OPEN_UPPER_LAYER) | 0);

const chmodMode: RecordParameter = plain('mode', 'MODE', (event) => event.bytes.u32(eventChmod.mode) & 0o7777);
const mkdirMode = plain('mode', 'HEX', (event) => event.bytes.u32(eventMkdir.mode));
// These two are plain numbers in Falco's table: no user's name is shown.
const uid = plain('uid', 'INT', (event) => event.bytes.s32(eventChown.ownerUid));
const gid = plain('gid', 'INT', (event) => event.bytes.s32(eventChown.ownerGid));
const chmodFd = ownFd('fd', (event) => event.bytes.s32(eventChmod.fd));
const chownFd = ownFd('fd', (event) => event.bytes.s32(eventChown.fd));
const oldFd = ownFd('oldfd', (event) => event.bytes.s32(eventDup.oldFd));
const newFd = ownFd('newfd', (event) => event.bytes.s32(eventDup.newFd));

const name = path('name', 'FSRELPATH', first);
const filePath = path('path', 'FSPATH', first);
const fileName = path('filename', 'FSPATH', first);
const oldPath = path('oldpath', 'FSPATH', first);
const newPath = path('newpath', 'FSPATH', second);
const linkTarget = plain('target', 'CHARBUF', (event) => event.secondName?.raw);
const linkPath = path('linkpath', 'FSPATH', first);

const FCHMODAT = [res, dirFd('dirfd', first), fileName, chmodMode];
const RENAMEAT = [res, dirFd('olddirfd', first), oldPath, dirFd('newdirfd', second), newPath];

export const FILE_PARAMETERS = {
  open: [resFd('fd'), name, openFlags, openMode, dev, ino],
  openat: [resFd('fd'), dirFd('dirfd', first), name, openFlags, openMode, dev, ino],
  openat2: [resFd('fd'), dirFd('dirfd', first), name, openFlags, openMode, resolve, dev, ino],
  creat: [resFd('fd'), name, openMode, dev, ino, creatFlags],
  dup: [resFd('res'), oldFd],
  dup2: [resFd('res'), oldFd, newFd],
  dup3: [resFd('res'), oldFd, newFd, flags('flags', FILE_FLAGS, (event) => event.dupFlags)],
  // Which of its two commands it was, the record does not tell.
  fcntl: [resFd('res'), ownFd('fd', (event) => event.bytes.s32(eventDup.oldFd))],
  unlink: [res, filePath],
  rmdir: [res, filePath],
  unlinkat: [
    res,
    dirFd('dirfd', first),
    name,
    flags('flags', UNLINKAT_FLAGS, (event) => event.bytes.u32(eventUnlink.flags)),
  ],
  mkdir: [res, filePath, mkdirMode],
  mkdirat: [res, dirFd('dirfd', first), filePath, mkdirMode],
  rename: [res, oldPath, newPath],
  renameat: RENAMEAT,
  renameat2: [...RENAMEAT, flags('flags', RENAME_FLAGS, (event) => event.bytes.u32(eventRename.flags))],
  link: [res, oldPath, newPath],
  linkat: [
    res,
    dirFd('olddir', first),
    oldPath,
    dirFd('newdir', second),
    newPath,
    flags('flags', LINKAT_FLAGS, (event) => event.bytes.u32(eventLink.flags)),
  ],
  symlink: [res, linkTarget, linkPath],
  symlinkat: [res, linkTarget, dirFd('linkdirfd', first), linkPath],
  chmod: [res, fileName, chmodMode],
  fchmod: [res, chmodFd, chmodMode],
  fchmodat: FCHMODAT,
  // Falco knows no parameters of fchmodat2; these are fchmodat's, so that rules need not tell them apart.
  fchmodat2: FCHMODAT,
  chown: [res, filePath, uid, gid],
  lchown: [res, filePath, uid, gid],
  fchown: [res, chownFd, uid, gid],
  fchownat: [
    res,
    dirFd('dirfd', first),
    path('pathname', 'FSRELPATH', first),
    uid,
    gid,
    flags('flags', FCHOWNAT_FLAGS, (event) => event.bytes.u32(eventChown.flags)),
  ],
} as const satisfies Record<string, readonly RecordParameter[]>;
