import { expect } from 'vitest';
import { ACT_DIR, argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['mount', 'setns', 'unshare'] as const;
const family = createFamily('mount', KINDS);

liveTest('mount: propagation, tmpfs, an unknown type, a missing target', async () => {
  const { events } = await family.observe('mount');
  expect(events.slice(0, 4).map((event) => argsOf(event, ACT_DIR))).toEqual([
    'res=0 dev=<NA> dir=/ type=<NA> flags=278528(REC|PRIVATE)',
    'res=0 dev=a source dir=target(target) type=tmpfs flags=6(NOSUID|NODEV)',
    'res=-19(ENODEV) dev=none dir=target(target) type=no-such-type flags=0',
    'res=-2(ENOENT) dev=none dir=/nowhere/at/all type=tmpfs flags=0',
  ]);
});

liveTest('setns into what the descriptor is, is not, and into nothing', async () => {
  const { events } = await family.observe('setns');
  expect(events.slice(0, 3).map((event) => argsOf(event, /fd=\d+\S* /))).toEqual([
    'res=0 nstype=128(CLONE_NEWUTS)',
    'res=-22(EINVAL) nstype=16(CLONE_NEWNET)',
    'res=-9(EBADF) nstype=0',
  ]);
});

liveTest('unshare of namespaces, of a user namespace, of nothing', async () => {
  const { events } = await family.observe('unshare');
  expect(events.slice(0, 4).map((event) => argsOf(event))).toEqual([
    'res=0 flags=160(CLONE_NEWNS|CLONE_NEWUTS)',
    'res=0 flags=16(CLONE_NEWNET)',
    'res=-22(EINVAL) flags=0',
    'res=0 flags=1048576(CLONE_NEWUSER)',
  ]);
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
