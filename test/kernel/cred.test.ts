import { expect } from 'vitest';
import { argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['setuid', 'setgid'] as const;
const family = createFamily('cred', KINDS);

liveTest('the setuid family; a call that changes nothing leaves the rare lane alone', async () => {
  const { events } = await family.observe('setuid');
  expect(events.slice(0, 6).map((event) => `${event.type} ${argsOf(event)}`)).toEqual([
    'setresuid res=0 ruid=-1(<NONE>) euid=1000(<NA>) suid=-1(<NONE>)',
    'setresuid res=-1(EPERM) ruid=1001(<NA>) euid=0(<NA>) suid=1000(<NA>)',
    'setuid res=0 uid=1000(<NA>)',
    'setuid res=-1(EPERM) uid=0(<NA>)',
    'setreuid res=0 ruid=1000(<NA>) euid=1001(<NA>)',
    'setfsuid res=0 uid=1000(<NA>)',
  ]);
});

liveTest('the setgid family', async () => {
  const { events } = await family.observe('setgid');
  expect(events.slice(0, 5).map((event) => `${event.type} ${argsOf(event)}`)).toEqual([
    'setgid res=0 gid=1000(<NA>)',
    'setregid res=0 rgid=1001(<NA>) egid=1002(<NA>)',
    'setresgid res=0 rgid=-1(<NONE>) egid=1003(<NA>) sgid=1004(<NA>)',
    'setfsgid res=1003 gid=1005(<NA>)',
    'setgid res=-1(EPERM) gid=7(<NA>)',
  ]);
});

liveTest('a loop of setuid to the own id makes one rare record at most', async () => {
  const { records } = await family.run('loop', 'setuid');
  const lanes = records.map((record) => family.laneOf(record));
  expect(lanes).toHaveLength(1000);
  expect(lanes.filter((lane) => lane === 'rare').length).toBeLessThanOrEqual(1);
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
