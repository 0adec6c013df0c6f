import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Accounts } from '../../../agent/events/accounts.ts';
import type { ContainerIdentity, Process } from '../../../agent/events/process.ts';
import { createContainerAccounts } from '../../../agent/state/container-accounts.ts';
import { HOST } from '../../../agent/state/container-id.ts';
import { createRootReader } from '../../../agent/state/root-reader.ts';
import { createPipeline } from '../support/context.ts';
import { Bench } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

const HOST_ACCOUNTS: Accounts = {
  user: (uid) => (uid === 1000 ? { name: 'host-user', homeDirectory: '', shell: '' } : undefined),
  group: (gid) => (gid === 3000 ? 'host-group' : undefined),
};
const CONTAINER: ContainerIdentity = { id: 'c', fullId: 'c', type: undefined, cgroupPath: '/c' };

/** /proc with one process whose root is a folder, as a container's is. */
function machine() {
  const folder = bench.folder();
  const root = join(folder, 'root');
  mkdirSync(join(folder, 'proc/100'), { recursive: true });
  mkdirSync(join(root, 'etc'), { recursive: true });
  symlinkSync(root, join(folder, 'proc/100/root'));
  const clock = { ms: 0 };
  const accountsOf = createContainerAccounts({
    reader: createRootReader(join(folder, 'proc')),
    host: HOST_ACCOUNTS,
    hostNamespace: 1,
    nowMs: () => clock.ms,
  });
  const process = (more: Partial<Process> = {}): Process => {
    const { process: made } = createPipeline().feed('open', { pid: 100, tid: 100 });
    return { ...(made as Process), pid: 100, mountNamespace: 2, container: CONTAINER, ...more };
  };
  const names = (of: Process | undefined) => [accountsOf(of).user(1000)?.name, accountsOf(of).group(3000)];
  return { folder, root, clock, process, names };
}

function writeAccounts(root: string, user: string): void {
  writeFileSync(join(root, 'etc/passwd'), `root:x:0:0:root:/root:/bin/sh\n${user}:x:1000:3000::/:/bin/sh\n`);
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ncrew:x:3000:\n');
}

test("names in a container are its own, on the host and in the host's mount namespace the host's", () => {
  const { root, process, names } = machine();
  writeAccounts(root, 'captain');
  expect(names(process())).toEqual(['captain', 'crew']);
  expect(names(process({ container: HOST }))).toEqual(['host-user', 'host-group']);
  expect(names(process({ mountNamespace: 1 }))).toEqual(['host-user', 'host-group']);
  expect(names(undefined)).toEqual(['host-user', 'host-group']);
});

test('a changed file is read again within a second, and what was read is kept when the process is gone', () => {
  const { folder, root, clock, process, names } = machine();
  writeAccounts(root, 'captain');
  expect(names(process())[0]).toBe('captain');
  writeAccounts(root, 'boatswain');
  expect(names(process())[0]).toBe('captain');
  clock.ms = 1000;
  expect(names(process())[0]).toBe('boatswain');
  rmSync(join(folder, 'proc/100/root'));
  clock.ms = 2000;
  expect(names(process())[0]).toBe('boatswain');
});

test('containers do not share names', () => {
  const { root, process, names } = machine();
  writeAccounts(root, 'captain');
  expect(names(process())[0]).toBe('captain');
  expect(names(process({ mountNamespace: 3, pid: 999 }))).toEqual([undefined, undefined]);
});

test.each([
  ['is a link out of it', (root: string) => symlinkSync('/etc/passwd', join(root, 'etc/passwd'))],
  [
    'is below a link out of it',
    (root: string) => {
      renameSync(join(root, 'etc'), join(root, 'real'));
      symlinkSync('/etc', join(root, 'etc'));
    },
  ],
  ['is a FIFO', (root: string) => execFileSync('mkfifo', [join(root, 'etc/passwd')])],
  ['is a folder', (root: string) => mkdirSync(join(root, 'etc/passwd'))],
  [
    'is longer than 1 MiB',
    (root: string) => writeFileSync(join(root, 'etc/passwd'), 'x:x:1000:1::/:/\n'.repeat(70_000)),
  ],
])('a passwd that %s has no names', (_, make) => {
  const { root, process, names } = machine();
  make(root);
  expect(names(process())[0]).toBe(undefined);
});

test('a real process is looked at through its root', async () => {
  const child = spawn('sleep', ['60']);
  bench.onEnd(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const text = createRootReader().open(child.pid ?? 0, ['etc', 'passwd'], (file) => file.read());
  expect(text).toContain('root:');
});
