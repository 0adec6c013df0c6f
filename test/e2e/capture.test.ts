import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { EVENT_TYPES } from '../../agent/events/event-types.ts';
import { EVENT_KINDS } from '../../agent/events/kinds.ts';
import { liveTest as test } from '../kernel/support/live.ts';
import { compileVictim } from '../kernel/support/victim.ts';
import { Bench, until } from '../unit/support/delivery.ts';
import { Program } from './support/program.ts';
import { runVictim, victimRuleNames, victimRules } from './support/shell-victim.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** What the victims of each family do, by kind of event. */
const ACTS = {
  process: ['fork', 'exec', 'exit', 'environment'],
  file: ['open', 'dup', 'unlink', 'rename', 'link', 'symlink', 'mkdir', 'chmod', 'chown'],
  net: ['socket', 'connect', 'accept', 'bind', 'listen', 'send'],
  cred: ['setuid', 'setgid'],
  memory: ['ptrace', 'memfd'],
  module: ['module', 'bpf'],
  mount: ['mount', 'setns', 'unshare'],
  places: ['chdir', 'chroot', 'pivot', 'umount', 'fsmount', 'mknod', 'truncate', 'utimes', 'xattr', 'handle'],
  power: [
    'signal',
    'vmaccess',
    'capset',
    'prctl',
    'seccomp',
    'keys',
    'userfaultfd',
    'perf',
    'ring',
    'kexec',
    'machine',
  ],
} as const;

/** A rule for each kind that fires for each of its events in a victim's process: all that a field can give is compared. */
function everythingRules(): string {
  return EVENT_KINDS.map(
    (kind) => `
- rule: Kind ${kind}
  desc: test
  condition: evt.type in (${EVENT_TYPES[kind].join(', ')}) and proc.exepath contains atalaya-victim-
  output: >
    %evt.type %evt.info %evt.res %proc.name %proc.cmdline %proc.exepath %proc.pid %proc.ppid %proc.aname[2] %proc.cwd
    %fd.name %fd.type %user.name %user.uid %group.gid %thread.tid %container.id %proc.duration %proc.tty %evt.rawtime
  priority: NOTICE`,
  ).join('\n');
}

test('the replay raises the alerts of the live run, uuids included', async () => {
  const folder = bench.folder();
  const rules = join(folder, 'rules.yaml');
  const capture = join(folder, 'live.cap');
  writeFileSync(rules, victimRules(folder, 'token3') + everythingRules());
  const agent = new Program([rules, join(folder, 'data'), capture], {}, [], 'dist/test/e2e/support/recording-agent.js');
  bench.onEnd(() => agent.end());
  await agent.logged('ready');
  for (const [name, acts] of Object.entries(ACTS)) {
    const victim = compileVictim(name);
    bench.onEnd(() => victim.remove());
    for (const act of acts) await victim.run(act);
  }
  await runVictim(folder, 'token3');
  await until(() => agent.alerts.some(({ rule }) => rule === 'The program is run'), 'the last act is told');
  await agent.end();
  const replayed = await new Program(['replay', capture, '--rules', rules]).ended;
  expect(new Set(agent.alerts.map(({ rule }) => rule))).toEqual(
    new Set([...victimRuleNames, ...EVENT_KINDS.map((kind) => `Kind ${kind}`)]),
  );
  expect(replayed.stdout).toBe(agent.stdout);
  expect(replayed.code).toBe(0);
});
