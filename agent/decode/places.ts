import { EVENT_KINDS } from '../events/kinds.ts';
import { KIND_CODES, KIND_STRUCT } from './kinds.ts';
import {
  eventCall,
  eventChmod,
  eventChown,
  eventDup,
  eventExec,
  eventKind,
  eventLink,
  eventMemfd,
  eventMkdir,
  eventModule,
  eventMount,
  eventNet,
  eventOpen,
  eventRename,
  eventSetns,
  eventSocket,
  eventSymlink,
  eventUnlink,
} from './layout.gen.ts';
import type { NamePlace } from './name-view.ts';

type Kind = keyof typeof eventKind;

function byCode<T>(empty: T, entries: Partial<Record<Kind, T>>): readonly T[] {
  const table: T[] = Array.from({ length: KIND_CODES }, () => empty);
  for (const [kind, value] of Object.entries(entries)) table[eventKind[kind as Kind]] = value;
  return table;
}

/** Of every kind whose records have the shape of a call. */
function ofCalls<T>(value: T): Partial<Record<Kind, T>> {
  const kinds = EVENT_KINDS.filter((kind) => KIND_STRUCT[kind] === 'eventCall');
  return Object.fromEntries(kinds.map((kind) => [kind, value]));
}

/** Where each kind, by its number, has its blocks; -1 where it has none (0 is the header). */
export const FILE_AT: Int16Array = Int16Array.from(
  byCode(-1, {
    open: eventOpen.file,
    dup: eventDup.file,
    chmod: eventChmod.file,
    chown: eventChown.file,
    module: eventModule.file,
    memfd: eventMemfd.file,
    setns: eventSetns.file,
    ...ofCalls(eventCall.file),
  }),
);

export const SOCKET_AT: Int16Array = Int16Array.from(
  byCode(-1, {
    dup: eventDup.sock,
    socket: eventSocket.sock,
    connect: eventNet.sock,
    accept: eventNet.sock,
    bind: eventNet.sock,
    listen: eventNet.sock,
    send: eventNet.sock,
  }),
);

const place = (name: number, directory: number, dirFd: number): NamePlace => ({ name, directory, dirFd });

/** The path argument; the old one of rename, link, pivot_root and move_mount, the link itself of symlink. */
export const NAME_AT = byCode<NamePlace | undefined>(undefined, {
  exec: place(eventExec.path, eventExec.cwd, 0),
  open: place(eventOpen.name, eventOpen.dirPath, eventOpen.dirfd),
  unlink: place(eventUnlink.name, eventUnlink.dirPath, eventUnlink.dirfd),
  mkdir: place(eventMkdir.name, eventMkdir.dirPath, eventMkdir.dirfd),
  rename: place(eventRename.oldName, eventRename.oldDirPath, eventRename.oldDirfd),
  link: place(eventLink.oldName, eventLink.oldDirPath, eventLink.oldDirfd),
  symlink: place(eventSymlink.name, eventSymlink.dirPath, eventSymlink.dirfd),
  chmod: place(eventChmod.name, eventChmod.dirPath, eventChmod.fd),
  chown: place(eventChown.name, eventChown.dirPath, eventChown.fd),
  mount: place(eventMount.target, eventMount.targetDir, 0),
  ...ofCalls(place(eventCall.name, eventCall.dirPath, eventCall.dirfd)),
});

/** The new path of rename, link, pivot_root and move_mount, the content of symlink (which counts from the link's directory). */
export const SECOND_NAME_AT = byCode<NamePlace | undefined>(undefined, {
  rename: place(eventRename.newName, eventRename.newDirPath, eventRename.newDirfd),
  link: place(eventLink.newName, eventLink.newDirPath, eventLink.newDirfd),
  symlink: place(eventSymlink.target, eventSymlink.dirPath, eventSymlink.dirfd),
  ...ofCalls(place(eventCall.secondName, eventCall.secondDirPath, eventCall.secondDirfd)),
});

/** Kinds whose records carry the address argument. */
export const HAS_ADDRESS: Uint8Array = Uint8Array.from(
  byCode(0, { connect: 1, accept: 1, bind: 1, listen: 1, send: 1 }),
);
