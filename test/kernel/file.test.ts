import { expect } from 'vitest';
import type { Event } from '../../agent/events/event.ts';
import { encodeDevice } from '../../agent/lib/device.ts';
import { ACT_DIR, argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['open', 'dup', 'unlink', 'rename', 'link', 'symlink', 'mkdir', 'chmod', 'chown'] as const;
const family = createFamily('file', KINDS);

/** Device and inode differ from run to run, and so does the directory: '.' stands for it. */
const VARIES = / dev=\S+ ino=\d+/;

function textsOf(events: readonly Event[], count: number): string[] {
  return events
    .slice(0, count)
    .map((event) => `${event.type} ${argsOf(event, ACT_DIR).replace(VARIES, '')}`.replace(ACT_DIR_ITSELF, '.'));
}
const ACT_DIR_ITSELF = /\/tmp\/atalaya-victim-\w+\/act-\w+/g;

liveTest('open, openat, openat2, creat: what they opened, by whatever name', async () => {
  const { events } = await family.observe('open');
  expect(textsOf(events, 6)).toEqual([
    'openat fd=3(<f>created \n\x1b[31m\xff.txt) dirfd=-100(AT_FDCWD) name=created \n\x1b[31m\xff.txt(created \n\x1b[31m\xff.txt) flags=16423(O_EXCL|O_CREAT|O_RDWR|O_F_CREATED) mode=0640',
    'openat fd=-17(EEXIST) dirfd=-100(AT_FDCWD) name=created \n\x1b[31m\xff.txt(created \n\x1b[31m\xff.txt) flags=39(O_EXCL|O_CREAT|O_RDWR) mode=0640',
    'openat fd=4(<f>below/inner) dirfd=3(<d>below) name=../below/./inner(below/inner) flags=1(O_RDONLY) mode=0',
    'openat fd=3(<f>below/inner) dirfd=-100(AT_FDCWD) name=link-to-inner flags=10(O_APPEND|O_WRONLY) mode=0',
    'openat2 fd=3(<f>by-openat2) dirfd=-100(AT_FDCWD) name=by-openat2(by-openat2) flags=16390(O_CREAT|O_WRONLY|O_F_CREATED) mode=0600 resolve=12(RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS)',
    'openat2 fd=-40(ELOOP) dirfd=-100(AT_FDCWD) name=link-to-inner(link-to-inner) flags=1(O_RDONLY) mode=0 resolve=12(RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS)',
  ]);
  const [created] = events;
  expect({ dev: created?.rawArg('dev'), ino: created?.rawArg('ino') }).toEqual({
    dev: encodeDevice(created?.file?.dev ?? 0),
    ino: created?.file?.inode,
  });
});

liveTest('dup, dup2, dup3 and fcntl, of files and sockets', async () => {
  const { events, records, testimonies } = await family.observe('dup');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(textsOf(events, 3)).toEqual([
    'dup res=5(<f>file) oldfd=3(<f>file)',
    'dup3 res=60(<4t>) oldfd=4(<4t>) newfd=60(<4t>) flags=4096(O_CLOEXEC)',
    'dup res=-9(EBADF) oldfd=999',
  ]);
});

liveTest('unlink, unlinkat, rmdir', async () => {
  const { events, records, testimonies } = await family.observe('unlink');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(textsOf(events, 3)).toEqual([
    'unlinkat res=0 dirfd=3(<d>.) name=a(a) flags=0',
    'unlinkat res=0 dirfd=-100(AT_FDCWD) name=./c(c) flags=512(AT_REMOVEDIR)',
    'unlinkat res=-2(ENOENT) dirfd=-100(AT_FDCWD) name=/nowhere/at/all flags=0',
  ]);
});

liveTest('rename, renameat, renameat2', async () => {
  const { events, records, testimonies } = await family.observe('rename');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(textsOf(events, 1)).toEqual([
    'renameat2 res=0 olddirfd=-100(AT_FDCWD) oldpath=a(a) newdirfd=3(<d>dir) newpath=b(dir/b) flags=2(RENAME_EXCHANGE)',
  ]);
});

liveTest('link, linkat', async () => {
  const { events, records, testimonies } = await family.observe('link');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(textsOf(events, 1)).toEqual([
    'linkat res=0 olddir=-100(AT_FDCWD) oldpath=a(a) newdir=3(<d>dir) newpath=b(dir/b) flags=1024(AT_SYMLINK_FOLLOW)',
  ]);
});

liveTest('symlink, symlinkat', async () => {
  const { events, records, testimonies } = await family.observe('symlink');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(textsOf(events, 1)).toEqual(['symlinkat res=0 target=/etc/shadow linkdirfd=3(<d>.) linkpath=one(one)']);
});

liveTest('mkdir, mkdirat', async () => {
  const { events, records, testimonies } = await family.observe('mkdir');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(textsOf(events, 1)).toEqual(['mkdirat res=0 dirfd=3(<d>.) path=one(one) mode=1E9']);
});

liveTest('chmod, fchmod, fchmodat, fchmodat2', async () => {
  const { events, records, testimonies } = await family.observe('chmod');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(textsOf(events, 1)).toEqual([
    'fchmodat res=0 dirfd=4(<d>.) filename=file(file) mode=04755(S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID)',
  ]);
});

liveTest('chown, lchown, fchown, fchownat', async () => {
  const { events, records, testimonies } = await family.observe('chown');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(textsOf(events, 1)).toEqual([
    'fchownat res=0 dirfd=4(<d>.) pathname=file(file) uid=1000 gid=1001 flags=256(AT_SYMLINK_NOFOLLOW)',
  ]);
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
