import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { WAYS } from '../../../agent/cli/events.ts';
import { TESTED_KINDS } from '../../../agent/events/tested-kinds.gen.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function sources(folder: string, end: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(end))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));
}

test("every kind that is listed has a victim's test, and the other way round", () => {
  const tested = sources('test/kernel', '.test.ts').flatMap((text) => {
    const list = /^const KINDS = \[([^\]]*)\] as const;/m.exec(text)?.[1] ?? '';
    // Each file's last test fails unless a victim of each of its kinds was seen.
    if (!/createFamily\('\w+', KINDS\)/.test(text) || !/family\.seen\]\.sort\(\)\)\.toEqual\(/.test(text)) return [];
    return [...list.matchAll(/'(\w+)'/g)].map(([, kind]) => kind);
  });
  // A kind may have two files: by system calls and by io_uring.
  expect([...new Set(tested)].sort()).toEqual([...TESTED_KINDS].sort());
});

test('kinds come by the lane that the programs send them to', () => {
  const sends = sources('native/bpf', '.bpf.c').flatMap((text) => [
    ...text.matchAll(/record__send\(&?r, KIND_([A-Z]+), ([^;]*LANE_[^;]*)\);/g),
  ]);
  const lanes = new Map<string, Set<string>>();
  for (const [, kind = '', expression = ''] of sends) {
    const known = lanes.get(kind.toLowerCase()) ?? new Set();
    for (const [, lane = ''] of expression.matchAll(/LANE_(\w+)/g)) known.add(lane.toLowerCase());
    lanes.set(kind.toLowerCase(), known);
  }
  // Programs that serve several kinds name theirs by a variable.
  expect(lanes.size).toBeGreaterThanOrEqual(20);
  for (const [kind, found] of lanes) {
    const { lane, otherwise } = WAYS[kind as keyof typeof WAYS];
    expect([kind, [...found].sort()]).toEqual([kind, [...new Set([lane, otherwise ?? lane])].sort()]);
  }
});

test('so do kinds that share a program', () => {
  const [shapes = ''] = sources('native/bpf', 'shaped.bpf.c');
  const lines = [...shapes.matchAll(/X\(\w+, (\w+), ([01]),/g)];
  expect(lines.length).toBeGreaterThan(40);
  for (const [line, kind = '', isRare] of lines) {
    const { lane, otherwise } = WAYS[kind.toLowerCase() as keyof typeof WAYS];
    const told = isRare === '1' ? ['rare', 'bulk'] : ['bulk', undefined];
    expect([line, lane, otherwise]).toEqual([line, ...told]);
  }
});
