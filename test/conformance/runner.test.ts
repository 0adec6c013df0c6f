import { expect, it } from 'vitest';
import { parseExactJson } from './json.ts';
import type { Case } from './outcome.ts';
import { runCase } from './run-cases.ts';

const evaluation = {
  id: 'x',
  kind: 'eval',
  condition: 'proc.name = a',
  context: { 'proc.name': { type: 'CHARBUF', list: false, value: 'a' } },
};

function passes(test: Record<string, unknown>): boolean {
  return runCase({ id: 'x', ...test } as Case).passed;
}

it('fails where the answer is another one', () => {
  expect(passes({ ...evaluation, result: true })).toBe(true);
  expect(runCase({ ...evaluation, result: false })).toMatchObject({ passed: false, expected: { evaluator: false } });
  const rule = '- rule: r\n  desc: d\n  condition: evt.type=open\n  output: o\n  priority: INFO\n';
  const files = { files: [rule], results: [{ ok: true, warnings: [] }] };
  expect(passes({ ...files, rules: { r: { condition: 'evt.type = open' } } })).toBe(true);
  expect(passes({ ...files, rules: { r: { condition: 'evt.type = openat' } } })).toBe(false);
  expect(passes({ ...files, rules: { s: {} } })).toBe(false);
  expect(passes({ ...files, results: [{ ok: true, warnings: ['LOAD_NO_EVTTYPE'] }] })).toBe(false);
});

it('fails, and does not skip, what has no known shape', () => {
  expect(passes({ kind: 'new', condition: 'proc.name = a' })).toBe(false);
  expect(passes({})).toBe(false);
  expect(passes(evaluation)).toBe(false);
  expect(passes({ input: 'proc.name = a', ok: true })).toBe(false);
  expect(passes({ files: ['[]'] })).toBe(false);
  expect(passes({ files: ['[]'], results: [] })).toBe(false);
  expect(passes({ files: ['[]'], results: [{}] })).toBe(false);
  expect(passes({ kind: 'value', type: 'INT64', print_format: 'roman', value: 1, text: 'I', json: 1 })).toBe(false);
  expect(passes({ kind: 'alert', alert: { event: {} }, config: { json_pretty: true } })).toBe(false);
  expect(passes({ kind: 'append_output', rules: {}, append_output: [{ extra: 1 }], result: {} })).toBe(false);
});

it('reads whole numbers exactly', () => {
  expect(parseExactJson('{"a": 18446744073709551615, "b": "18446744073709551615", "c": [1, -2.5e3]}')).toEqual({
    a: 18446744073709551615n,
    b: '18446744073709551615',
    c: [1, -2500],
  });
});
