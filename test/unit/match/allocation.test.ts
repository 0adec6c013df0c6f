import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createBatchReader } from '../../../agent/decode/batch.ts';
import type { Event } from '../../../agent/events/event.ts';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { createMatcher } from '../../../agent/match/matcher.ts';
import { createContexts } from '../../../agent/pipeline/context.ts';
import { inlineDeeply } from '../../../agent/pipeline/inlining.ts';
import { createCapturedWorld, type World } from '../../../agent/pipeline/world.ts';
import { compileRules } from '../../../agent/rules/compile.ts';
import { allocatedBy } from '../../../bench/support/allocation.ts';
import { buildBatch, buildRecord } from '../support/record-builder.ts';

const FOLDER = new URL('../../../rules/', import.meta.url);
const EVENTS = 200_000;
/** A text that shares its place in the cache with another is made anew; the measurement itself allocates too. */
const BYTES_PER_EVENT = 3;

function world(): World {
  const captured = createCapturedWorld({
    abi: 1,
    layout: '',
    version: '',
    machine: 'x86_64',
    kernel: '',
    hostname: 'node-1',
    bootId: 'boot',
    startedNs: 0n,
    utcOffsetMinutes: 0,
    plan: { kinds: [], environment: false },
    passwd: '',
    group: '',
    services: '',
  });
  captured.learn({ kind: 'cgroup', id: 1, path: '/system.slice/x.service' });
  return captured;
}

function ownRules() {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
  const files = names.sort().map((path) => ({ path, text: readFileSync(new URL(path, FOLDER), 'utf8') }));
  return compileRules(files, catalogue, { hash: (text) => createHash('sha256').update(text).digest('hex') });
}

/** What processes do all day, each many times: opens that succeed and fail, relative and absolute, and duplications. */
function ordinaryEvents(): Buffer {
  const records: Buffer[] = [];
  for (let pid = 100; pid < 110; pid++) {
    const header = { pid, tid: pid, pidStartNs: BigInt(pid) * 1_000_000n, tidStartNs: BigInt(pid) * 1_000_000n };
    for (let i = 0; i < 50; i++) {
      const path = `/usr/lib/x86_64-linux-gnu/lib${i}.so.${pid}`;
      const file = { mode: 0o100644, path, inode: i + 1, dev: 8 };
      records.push(
        buildRecord('open', { ...header, syscall: 257, result: 3 }, { flags: 0x8_0000, name: path, file }),
        buildRecord(
          'open',
          { ...header, syscall: 257, result: -2 },
          { name: `lib${i}.so`, dirfd: -100, dirPath: '/opt/lib' },
        ),
        buildRecord('dup', { ...header, syscall: 72, result: 10 }, { file }),
      );
    }
  }
  return buildBatch(...records);
}

it('an event that matches nothing allocates nothing', () => {
  inlineDeeply();
  const { ok, ruleSet } = ownRules();
  expect(ok).toBe(true);
  const matcher = createMatcher(ruleSet);
  const reader = createBatchReader({ machine: 'x86_64', wallOffsetNs: 0n });
  const contexts = createContexts(world(), 1 << 26);
  const batch = ordinaryEvents();
  let matched = 0;
  const take = (event: Event): void => {
    matched += matcher.match(contexts.of(event)).length;
  };
  const run = (events: number): void => {
    const until = reader.counts.events + events;
    while (reader.counts.events < until) reader.forEach(batch, take);
  };
  run(EVENTS);
  const bytes = allocatedBy(() => run(EVENTS));
  expect(matched).toBe(0);
  expect(reader.counts).toMatchObject({ malformed: 0, lostBytes: 0 });
  expect(bytes / EVENTS).toBeLessThan(BYTES_PER_EVENT);
});
