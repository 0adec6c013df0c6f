import { chmodSync, readFileSync } from 'node:fs';
import { afterEach, expect } from 'vitest';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench } from '../unit/support/delivery.ts';
import { AS_NOBODY, Program } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** What `npm start` runs, on ports that nobody else has. */
function start(prefix: readonly string[] = [], data = bench.folder()): Program {
  chmodSync(data, 0o777);
  const env = {
    ATALAYA_DATA: data,
    ATALAYA_SERVER_LISTEN: '127.0.0.1:0',
    ATALAYA_SERVER_HTTP: '127.0.0.1:0',
    ATALAYA_HTTP: 'none',
  };
  const program = new Program(['start'], env, prefix);
  bench.onEnd(() => program.end());
  return program;
}

/** The page's address, as it is told to people. */
async function page(program: Program): Promise<string> {
  await program.said('atalaya: subscribe with: ');
  return /^atalaya: the page is at (.*)$/m.exec(program.stderr)?.[1] ?? '';
}

/** Rules of the alerts that the page shows, in order, once so many are there. */
async function shown(url: string, count: number): Promise<string[]> {
  const abort = new AbortController();
  bench.onEnd(() => abort.abort());
  const response = await fetch(`${url}events`, { signal: abort.signal });
  const rules: string[] = [];
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events.filter((each) => each.includes('event: alert'))) {
      rules.push((JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '') as { rule: string }).rule);
    }
    if (rules.length >= count) return rules;
  }
  return rules;
}

test('npm start watches this machine, shows its page, and ends cleanly', async () => {
  const program = start();
  const url = await page(program);
  expect(program.stderr).toContain('atalaya: this machine is watched live');
  const html = await fetch(url);
  expect(html.status).toBe(200);
  expect(await html.text()).toContain('<!doctype html>');
  expect(await program.end('SIGINT')).toMatchObject({ code: 0, signal: null });
});

test('a signal ends npm start also while the kernel still checks the programs, and the next one starts', async () => {
  const data = bench.folder();
  const early = start([], data);
  await early.said('the collector listens');
  const { code, signal } = await early.end('SIGTERM');
  // The start may have been quicker than the signal.
  expect([
    { code: null, signal: 'SIGTERM' },
    ...(early.stderr.includes('"ready"') ? [{ code: 0, signal: null }] : []),
  ]).toContainEqual({
    code,
    signal,
  });
  const next = start([], data);
  await page(next);
  expect(await next.end('SIGTERM')).toMatchObject({ code: 0, signal: null });
});

test('the first process of a container ends on a signal that comes during its start', async () => {
  const program = start(['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']);
  await program.said('the collector listens');
  const [pid = ''] = readFileSync(`/proc/${program.child.pid}/task/${program.child.pid}/children`, 'utf8').split(' ');
  process.kill(Number(pid), 'SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0, signal: null });
});

test('where no program can be loaded, npm start says so and shows the alerts of the bundled capture', async () => {
  const program = start(AS_NOBODY);
  const url = await page(program);
  expect(program.stderr).toMatch(/^atalaya: this machine cannot be watched: /m);
  expect(program.stderr).toMatch(/first-alerts\.cap is replayed instead$/m);
  const rules = await shown(url, Number((await program.logged('ready'))['alerts']));
  expect(rules).toEqual(program.alerts.map(({ rule }) => rule));
  expect(rules).toContain('Shell started with a network connection as its input');
});

test('the alerts of the bundled capture are stored once, however often npm start replays it', async () => {
  const data = bench.folder();
  const first = start(AS_NOBODY, data);
  const { alerts } = await first.logged('ready');
  await shown(await page(first), Number(alerts));
  await first.end('SIGTERM');
  const second = start(AS_NOBODY, data);
  expect(await second.logged('ready')).toMatchObject({ alerts: 0, raisedEarlier: true });
  await page(second);
  const address = /atalaya subscribe --address (\S+)/.exec(second.stderr)?.[1] ?? '';
  const stored = await new Program(['subscribe', '--address', address, '--since', '1h', '--no-follow', '--json']).ended;
  expect(stored.stdout.trimEnd().split('\n')).toHaveLength(Number(alerts));
  expect(second.alerts).toEqual([]);
});
