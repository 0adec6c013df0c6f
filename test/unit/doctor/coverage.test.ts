import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { coverageOf } from '../../../agent/doctor/coverage.ts';
import { RING_BYTES } from '../../../agent/doctor/sensor-trial.ts';
import { type CollectedKind, EVENT_KINDS } from '../../../agent/events/kinds.ts';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { loadRules } from '../../../agent/pipeline/load-rules.ts';
import { compileRules } from '../../../agent/rules/compile.ts';

const RULES = `
- rule: Opens
  desc: d
  condition: evt.type = openat
  output: o
  priority: INFO
  tags: [T1005, T1552.001]
- rule: Opens and connects
  desc: d
  condition: evt.type in (openat, connect)
  output: o
  priority: INFO
  tags: [T1005, T1041, mitre_exfiltration, T10x]
- rule: Traces
  desc: d
  condition: evt.type = ptrace
  output: o
  priority: INFO
  tags: [T1055.008]
`;

function coverage(...kinds: CollectedKind[]) {
  const compiled = compileRules([{ path: 'r.yaml', text: RULES }], catalogue, { hash: (text) => text });
  expect(compiled.errors).toEqual([]);
  return coverageOf(EVENT_KINDS, new Set(kinds), compiled.ruleSet.active);
}

test('with all kinds everything is covered', () => {
  const { kinds, rules, techniques } = coverage(...EVENT_KINDS);
  expect([kinds.covered, rules.covered, techniques.covered]).toEqual([
    EVENT_KINDS,
    ['Opens', 'Opens and connects', 'Traces'],
    ['T1005', 'T1041', 'T1055.008', 'T1552.001'],
  ]);
});

test('a rule that lacks some of its kinds is covered in part, and so are its techniques', () => {
  expect(coverage('open')).toMatchObject({
    kinds: { covered: ['open'], partly: [] },
    rules: { covered: ['Opens'], partly: ['Opens and connects'], missing: ['Traces'] },
    techniques: { covered: ['T1552.001'], partly: ['T1005', 'T1041'], missing: ['T1055.008'] },
  });
});

test('without kinds nothing is covered', () => {
  const { kinds, rules, techniques } = coverage();
  expect([kinds.missing.length, rules.missing.length, techniques.missing.length]).toEqual([EVENT_KINDS.length, 3, 4]);
});

test('the rules that come with Atalaya need no kind that is not collected', () => {
  const loaded = loadRules([]);
  expect(coverageOf(EVENT_KINDS, new Set(EVENT_KINDS), loaded.ruleSet.active).rules).toMatchObject({
    partly: [],
    missing: [],
  });
});

test('the sizes of the rings are those of the programs', () => {
  const text = readFileSync(fileURLToPath(new URL('../../../native/bpf/maps.h', import.meta.url)), 'utf8');
  const rings = [...text.matchAll(/BPF_MAP_TYPE_RINGBUF\);\s*__uint\(max_entries, (\d+) << (\d+)\);\s*\} (\w+) SEC/g)];
  const sizes = Object.fromEntries(rings.map(([, base, shift, lane]) => [lane, Number(base) * 2 ** Number(shift)]));
  expect(sizes).toEqual(RING_BYTES);
});
