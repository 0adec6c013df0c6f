import { expect } from 'vitest';
import type { Event } from '../../agent/events/event.ts';
import { ACT_DIR, argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = [
  'chdir',
  'chroot',
  'pivot',
  'umount',
  'fsmount',
  'mknod',
  'truncate',
  'utimes',
  'xattr',
  'handle',
] as const;
const family = createFamily('places', KINDS);

function textsOf(events: readonly Event[], count: number): string[] {
  return events.slice(0, count).map((event) => `${event.type} ${argsOf(event, ACT_DIR).replace(ACT_DIR_ITSELF, '.')}`);
}
const ACT_DIR_ITSELF = /\/tmp\/atalaya-victim-\w+\/act-\w+/g;

liveTest('chdir and fchdir', async () => {
  const { events } = await family.observe('chdir');
  expect(textsOf(events, 4)).toEqual([
    'chdir res=0 path=/',
    'fchdir res=0 fd=3(<d>below)',
    'chdir res=-2(ENOENT) path=missing',
    'fchdir res=-9(EBADF) fd=999',
  ]);
});

liveTest('chroot', async () => {
  const { events } = await family.observe('chroot');
  expect(textsOf(events, 2)).toEqual(['chroot res=0 path=/', 'chroot res=-2(ENOENT) path=missing(missing)']);
});

liveTest('pivot_root', async () => {
  const { events } = await family.observe('pivot');
  expect(textsOf(events, 1)).toEqual([
    'pivot_root res=-2(ENOENT) new_root=target(target) put_old=target/old(target/old)',
  ]);
});

liveTest('umount and umount2', async () => {
  const { events } = await family.observe('umount');
  expect(textsOf(events, 2)).toEqual([
    'umount2 res=0 name=target(target) flags=2(DETACH)',
    'umount2 res=-22(EINVAL) name=target(target) flags=0',
  ]);
});

liveTest('a mount by fsopen, fsconfig, fsmount and move_mount; open_tree and mount_setattr', async () => {
  const { events } = await family.observe('fsmount');
  expect(textsOf(events, 8)).toEqual([
    'fsopen res=3 fs_name=tmpfs flags=0',
    'fsconfig res=0 fd=3(<o>) cmd=1 key=size aux=0',
    'fsconfig res=0 fd=3(<o>) cmd=6 key=<NA> aux=0',
    'fsmount res=4 fd=3(<o>) flags=0 attr_flags=2',
    'move_mount res=0 from_dirfd=4(<d>target) from_path=(target) to_dirfd=-100(AT_FDCWD) to_path=target(target) flags=4',
    'open_tree res=5 dirfd=-100(AT_FDCWD) path=target(target) flags=1',
    'mount_setattr res=0 dirfd=-100(AT_FDCWD) path=target(target) flags=0',
    'fsopen res=-19(ENODEV) fs_name=no-such-type flags=0',
  ]);
});

liveTest('mknod and mknodat', async () => {
  const { events } = await family.observe('mknod');
  expect(textsOf(events, 2)).toEqual([
    'mknodat res=0 dirfd=3(<d>.) path=zero(zero) mode=020600(S_IWUSR|S_IRUSR|S_IFCHR) dev=261',
    'mknodat res=-17(EEXIST) dirfd=3(<d>.) path=zero(zero) mode=010600(S_IWUSR|S_IRUSR|S_IFIFO) dev=0',
  ]);
});

liveTest('truncate and ftruncate', async () => {
  const { events } = await family.observe('truncate');
  expect(textsOf(events, 3)).toEqual([
    'truncate res=0 path=file(file) length=3',
    'ftruncate res=0 fd=3(<f>file) length=0',
    'truncate res=-2(ENOENT) path=missing(missing) length=0',
  ]);
});

liveTest('utimensat, utime, utimes, futimesat', async () => {
  const { events } = await family.observe('utimes');
  expect(textsOf(events, 2)).toEqual([
    'utimensat res=0 dirfd=3(<d>.) path=file(file) flags=256(AT_SYMLINK_NOFOLLOW)',
    'utimensat res=-2(ENOENT) dirfd=-100(AT_FDCWD) path=missing(missing) flags=0',
  ]);
});

liveTest('extended attributes set and removed', async () => {
  const { events } = await family.observe('xattr');
  expect(textsOf(events, 2)).toEqual([
    'setxattr res=0 path=file(file) name=user.victim size=5 flags=1',
    'fsetxattr res=-22(EINVAL) fd=3(<f>file) name=security.capability size=3 flags=0',
  ]);
});

liveTest('open_by_handle_at', async () => {
  await family.observe('handle');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
