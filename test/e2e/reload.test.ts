import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench, until } from '../unit/support/delivery.ts';
import { startNumberedOpens } from './support/numbered-opens.ts';
import { Program } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

const RELOADS = 200;

function rule(name: string, condition: string): string {
  return `
- rule: ${name}
  desc: test
  condition: ${condition}
  output: "%fd.name"
  priority: NOTICE
`;
}

/**
 * Two sets that divide the numbers in different ways and have different events collected: if rules of both saw an event,
 * or half of a set, a number would be in two alerts or in none.
 */
function ruleSets(folder: string): readonly [string, string] {
  const numbered = `fd.name startswith ${folder}/n-`;
  const ending = (digits: string): string =>
    digits
      .split('')
      .map((digit) => `fd.name endswith ${digit}`)
      .join(' or ');
  const write = `evt.type in (open, openat, openat2) and evt.is_open_write = true and ${numbered}`;
  const any = `evt.type in (open, openat, openat2, connect) and ${numbered}`;
  return [
    rule('A even', `${write} and (${ending('02468')})`) + rule('A odd', `${write} and (${ending('13579')})`),
    rule('B low', `${any} and (${ending('01234')})`) + rule('B high', `${any} and (${ending('56789')})`),
  ];
}

/** Replaces the file whole, as a careful editor does. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

async function start(folder: string, rules: string, http: string): Promise<Program> {
  const agent = new Program(['run', '--rules', rules, '--data', join(folder, 'data'), '--http', http]);
  bench.onEnd(() => agent.end());
  await agent.logged('ready');
  return agent;
}

function reloads(agent: Program): number {
  return agent.log.filter(({ msg }) => msg === 'rules reloaded').length;
}

test('through 200 reloads under load each numbered open is in exactly one alert', async () => {
  const folder = bench.folder();
  const rules = join(folder, 'rules.yaml');
  const sets = ruleSets(folder);
  replace(rules, sets[0]);
  const agent = await start(folder, rules, 'none');
  const opens = startNumberedOpens(folder, 20);
  for (let reload = 1; reload <= RELOADS; reload++) {
    replace(rules, sets[reload % 2 === 0 ? 0 : 1]);
    agent.child.kill('SIGHUP');
    await until(() => reloads(agent) >= reload, `reload ${reload}`);
  }
  const count = await opens.stop();
  await until(() => agent.lines.length >= count, `${count} alerts are shown`, 30_000);
  await agent.end();
  const seen = agent.alerts.map(({ output }) => Number(/n-(\d+)$/.exec(output)?.[1]));
  expect(seen).toEqual(Array.from({ length: count }, (_, number) => number));
  expect(count).toBeGreaterThan(RELOADS);
  const ofA = agent.alerts.filter(({ rule }) => rule.startsWith('A '));
  expect(ofA.length).toBeGreaterThan(0);
  expect(ofA.length).toBeLessThan(count);
});

test('a changed rule file is loaded without being asked; a wrong one leaves the rules in force and is told', async () => {
  const folder = bench.folder();
  const rules = join(folder, 'rules.yaml');
  const sets = ruleSets(folder);
  replace(rules, sets[0]);
  const agent = await start(folder, rules, '127.0.0.1:0');
  const http = String((await agent.logged('ready'))['http']);
  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`http://${http}${path}`);
    return { status: response.status, text: await response.text() };
  };
  const before = JSON.parse((await get('/readyz')).text) as { digest: string };

  replace(rules, sets[1]);
  await until(() => reloads(agent) >= 1, 'the changed file is loaded');
  const after = JSON.parse((await get('/readyz')).text) as { digest: string; reload?: string };
  expect(after.digest).not.toBe(before.digest);
  expect(after.reload).toBeUndefined();

  replace(rules, sets[0].replace('fd.name startswith', 'fd.nmae startswith'));
  const message = 'the rules were not reloaded; those in force stay';
  expect((await agent.logged(message))['error']).toContain(`${rules}:4:`);
  const failed = await get('/readyz');
  expect(failed.status).toBe(200);
  expect(JSON.parse(failed.text)).toMatchObject({ ready: true, digest: after.digest, rules: 2 });
  expect((JSON.parse(failed.text) as { reload: string }).reload).toContain("did you mean 'fd.name'?");
  expect((await get('/metrics')).text).toMatch(/^atalaya_rules_reload_failures_total 1$/m);

  const opens = startNumberedOpens(folder, 0);
  await until(() => agent.lines.length > 0, 'the rules in force still match');
  await opens.stop();
  expect(agent.alerts[0]?.rule).toMatch(/^B /);

  replace(rules, sets[0]);
  await until(() => reloads(agent) >= 2, 'the mended file is loaded');
  expect(JSON.parse((await get('/readyz')).text)).toMatchObject({ digest: before.digest });
});
