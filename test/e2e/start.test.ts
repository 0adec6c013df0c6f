import { chmodSync } from 'node:fs';
import { afterEach, expect } from 'vitest';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench, until } from '../unit/support/delivery.ts';
import { AS_NOBODY, Atalaya } from './support/atalaya.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** What `npm start` runs, on ports that nobody else has. */
function start(wrapper: readonly string[] = []): Atalaya {
  const data = bench.folder();
  chmodSync(data, 0o777);
  const env = {
    ATALAYA_DATA: data,
    ATALAYA_SERVER_LISTEN: '127.0.0.1:0',
    ATALAYA_SERVER_HTTP: '127.0.0.1:0',
    ATALAYA_HTTP: 'none',
  };
  const process = new Atalaya(['start'], { env, wrapper });
  bench.onEnd(() => process.stop());
  return process;
}

/** The page's address, as it is told to people. */
async function page(process: Atalaya): Promise<string> {
  await process.ready();
  const said = (): string | undefined => process.stderr.find((line) => line.startsWith('atalaya: the page is at '));
  await until(() => said() !== undefined, 'the address of the page is told');
  return said()?.replace('atalaya: the page is at ', '') ?? '';
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
  const process = start();
  const url = await page(process);
  expect(process.stderr).toContain('atalaya: this machine is watched live');
  const html = await fetch(url);
  expect(html.status).toBe(200);
  expect(await html.text()).toContain('<!doctype html>');
  process.signal('SIGINT');
  expect(await process.end()).toEqual({ code: 0, signal: null });
});

test('where no program can be loaded, npm start says so and shows the alerts of the bundled capture', async () => {
  const process = start(AS_NOBODY);
  const url = await page(process);
  expect(process.stderr.some((line) => line.startsWith('atalaya: this machine cannot be watched: '))).toBe(true);
  expect(process.stderr.some((line) => /first-alerts\.cap is replayed instead$/.test(line))).toBe(true);
  const rules = await shown(url, Number(process.logged('ready')?.['alerts']));
  expect(rules).toEqual(process.alerts.map(({ rule }) => rule));
  expect(rules).toContain('Shell started with a network connection as its input');
});
