import { afterEach, expect, test } from 'vitest';
import type { ContainerInfo } from '../../../agent/events/process.ts';
import { createRuntimes, type RuntimesOptions } from '../../../agent/runtime/runtimes.ts';
import type { ContainerSource } from '../../../agent/runtime/source.ts';
import { infoOf } from '../support/container-info.ts';
import { Bench, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

type Reply = ContainerInfo | undefined | Error | 'hang';

/** A source whose replies are made by the test. */
function source(kind: ContainerSource['kind'], reply: (fullId: string, asked: number) => Reply) {
  const asked: string[] = [];
  let there = true;
  const made: ContainerSource = {
    name: `${kind}:/test`,
    kind,
    isThere: () => there,
    describe: ({ fullId }) => {
      asked.push(fullId);
      const given = reply(fullId, asked.length);
      if (given === 'hang') return new Promise(() => {});
      return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
    },
    close: () => {},
  };
  return { made, asked, leave: () => (there = false), come: () => (there = true) };
}

function start(sources: readonly ContainerSource[], more: Partial<RuntimesOptions> = {}) {
  const answers: [string, string | undefined][] = [];
  const notices: string[] = [];
  const runtimes = createRuntimes({
    sources,
    onAnswer: (fullId, info) => answers.push([fullId, info?.name]),
    onNotice: ({ kind, source: from }) => notices.push(`${from} ${kind}`),
    roundsMs: [1, 1],
    deadlineMs: 20,
    random: () => 0,
    ...more,
  });
  bench.onEnd(() => runtimes.stop());
  return { runtimes, answers, notices, ask: (fullId: string, type?: string) => runtimes.ask({ fullId, type, pid: 1 }) };
}

test('the runtime that the cgroup names is asked first, and nobody after it', async () => {
  const cri = source('cri', () => infoOf({ name: 'of cri' }));
  const docker = source('docker', () => infoOf({ name: 'of docker' }));
  const { ask, answers } = start([cri.made, docker.made]);
  ask('one', 'docker');
  await until(() => answers.length === 1, 'an answer');
  ask('two', 'containerd');
  await until(() => answers.length === 2, 'another answer');
  expect([answers, cri.asked, docker.asked]).toEqual([
    [
      ['one', 'of docker'],
      ['two', 'of cri'],
    ],
    ['two'],
    ['one'],
  ]);
});

test('a container that the runtime knows only later is asked for again, and once at a time', async () => {
  const cri = source('cri', (_, asked) => (asked < 3 ? undefined : infoOf({ name: 'late' })));
  const { ask, answers, runtimes } = start([cri.made]);
  ask('one');
  ask('one');
  await until(() => answers.length === 1, 'an answer');
  expect([answers, cri.asked.length, runtimes.stats().waiting]).toEqual([[['one', 'late']], 3, 0]);
});

test('what a bundle says is told at once and what the runtime says follows', async () => {
  const cri = source('cri', (_, asked) => (asked < 2 ? undefined : infoOf({ name: 'of cri' })));
  const bundle = source('bundle', () => infoOf({ name: 'of the bundle' }));
  const { ask, answers } = start([bundle.made, cri.made]);
  ask('one');
  await until(() => answers.length === 2, 'both answers');
  expect([answers, bundle.asked.length]).toEqual([
    [
      ['one', 'of the bundle'],
      ['one', 'of cri'],
    ],
    1,
  ]);
});

test('without a runtime there is one round', async () => {
  const bundle = source('bundle', () => undefined);
  const cri = source('cri', () => undefined);
  cri.leave();
  const { ask, answers, runtimes } = start([bundle.made, cri.made]);
  ask('one');
  await until(() => answers.length === 1, 'an answer');
  expect([answers, bundle.asked.length, cri.asked.length, runtimes.stats().unknown]).toEqual([
    [['one', undefined]],
    1,
    0,
    1,
  ]);
});

test('a runtime that hangs is told once, costs a deadline and not more, and what was missed follows when it is back', async () => {
  let hangs = true;
  const cri = source('cri', (fullId) => (hangs ? 'hang' : infoOf({ name: `known ${fullId}` })));
  let nowMs = 0;
  const { ask, answers, notices, runtimes } = start([cri.made], { nowMs: () => nowMs, probeMs: 5 });
  for (const id of ['one', 'two', 'three', 'four']) ask(id);
  await until(() => answers.length === 4, 'nothing is known of any');
  expect(answers.map(([, name]) => name)).toEqual([undefined, undefined, undefined, undefined]);
  // Now it is left alone: another container is answered without a call.
  const { asked } = runtimes.stats().sources[0] ?? { asked: 0 };
  ask('five');
  await until(() => answers.length >= 5, 'nothing is known of the fifth');
  expect([runtimes.stats().sources[0]?.asked, notices]).toEqual([asked, ['cri:/test failing']]);
  hangs = false;
  nowMs = 60_000;
  const known = () => new Set(answers.flatMap(([, name]) => name ?? []));
  await until(() => known().size === 5, 'all five are known');
  expect([known(), notices]).toEqual([
    new Set(['known one', 'known two', 'known three', 'known four', 'known five']),
    ['cri:/test failing', 'cri:/test recovered'],
  ]);
});

test('a runtime that goes away is expected back', async () => {
  const cri = source('cri', (_, asked) => (asked === 1 ? new Error('connection refused') : infoOf({ name: 'back' })));
  const { ask, answers, notices } = start([cri.made], { probeMs: 5 });
  ask('one');
  cri.leave();
  await until(() => answers.length >= 1, 'nobody knows it');
  cri.come();
  await until(() => answers.some(([, name]) => name === 'back'), 'it is known');
  expect(notices).toEqual(['cri:/test failing', 'cri:/test recovered']);
});

test('more containers at once than are waited for are not asked for, and counted', async () => {
  const cri = source('cri', () => 'hang');
  const { ask, answers, runtimes } = start([cri.made], { deadlineMs: 60_000 });
  for (let number = 0; number < 5000; number++) ask(`container-${number}`);
  expect([answers.length, cri.asked.length, runtimes.stats().waiting, runtimes.stats().skipped]).toEqual([
    904, 16, 4096, 904,
  ]);
});
