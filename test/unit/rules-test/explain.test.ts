import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../agent/events/plan.ts';
import { matchedAtoms } from '../../../agent/rules/matched-atoms.ts';
import { planOf } from '../../../agent/rules/plan.ts';
import { distance } from '../../../agent/rules-test/distance.ts';
import { decidingAtoms, explain, explainedLines } from '../../../agent/rules-test/explain.ts';
import { planGaps } from '../../../agent/rules-test/plan-gaps.ts';
import { compile, event, ruleText } from './support.ts';

function ruleOf(condition: string) {
  const [rule] = compile(ruleText(condition)).rules;
  if (rule === undefined) throw new Error('no rule');
  return rule;
}

describe('an explanation', () => {
  const { condition } = ruleOf(
    'evt.type in (execve, execveat) and (proc.name = a or proc.name = b) and not proc.pname exists and user.uid = 0',
  );

  test('has every part with its outcome and what it read', () => {
    const lines = explainedLines(
      explain(condition, event({ 'evt.type': 'execve', 'proc.name': 'b', 'user.uid': '0' })),
      {
        all: true,
      },
    );
    expect(lines).toEqual([
      'yes and',
      'yes   evt.type in (execve, execveat)   [evt.type = "execve"]',
      'yes   or',
      'NO      proc.name = a   [proc.name = "b"]',
      'yes     proc.name = b   [proc.name = "b"]',
      'yes   not',
      'NO      proc.pname exists   [proc.pname is absent]',
      'yes   user.uid = 0   [user.uid = "0"]',
    ]);
  });

  test('folds what does not decide', () => {
    const lines = explainedLines(explain(condition, event({ 'evt.type': 'execve', 'proc.name': 'c' })), { all: false });
    expect(lines).toEqual([
      'NO  and',
      'NO    or',
      'NO      proc.name = a   [proc.name = "c"]',
      'NO      proc.name = b   [proc.name = "c"]',
      'NO    user.uid = 0   [user.uid is absent]',
      '      (2 more that hold)',
    ]);
  });

  test('cuts long lists, unless all is asked for', () => {
    const names = Array.from({ length: 99 }, (_, place) => `name${place}`).join(', ');
    const { condition: long } = ruleOf(`evt.type = execve and proc.name in (${names})`);
    const of = explain(long, event({ 'evt.type': 'execve', 'proc.name': 'x' }));
    const text = `proc.name in (${names})`;
    const values = '   [proc.name = "x"]';
    expect(explainedLines(of, { all: true }).at(-1)).toBe(`NO    ${text}${values}`);
    expect(explainedLines(of, { all: false })[1]).toBe(
      `NO    ${text.slice(0, 160)}... (${text.length - 160} more characters)${values}`,
    );
  });

  test('names the comparisons on which the outcome hangs', () => {
    const texts = (fields: Record<string, string>) =>
      decidingAtoms(explain(condition, event(fields))).map(({ text }) => text);
    expect(texts({ 'evt.type': 'execve', 'proc.name': 'a', 'proc.pname': 'p', 'user.uid': '0' })).toEqual([
      'proc.pname exists',
    ]);
    expect(texts({ 'evt.type': 'mkdir', 'proc.name': 'a', 'user.uid': '0' })).toEqual([
      'evt.type in (execve, execveat)',
    ]);
  });

  test('shows addresses and lists as people write them', () => {
    const { condition: network } = ruleOf('evt.type = connect and fd.sip = "10.0.0.1" and fd.port in (1, 2)');
    const of = explain(network, event({ 'evt.type': 'connect', 'fd.name': '10.0.0.5:7->10.0.0.6:8' }));
    expect(explainedLines(of, { all: true }).slice(2)).toEqual([
      'NO    fd.sip = 10.0.0.1   [fd.sip = "10.0.0.6"]',
      'NO    fd.port in (1, 2)   [fd.port = "(7,8)"]',
    ]);
  });
});

test('text beyond ASCII is shown as it was written, in explanations and in alerts', () => {
  const { condition } = ruleOf('evt.type = execve and not proc.name = café');
  const other = event({ 'evt.type': 'execve', 'proc.name': 'thé' });
  expect(explainedLines(explain(condition, other), { all: true }).at(-1)).toBe(
    'NO      proc.name = café   [proc.name = "thé"]',
  );
  expect(matchedAtoms(condition, other)).toEqual(['evt.type = execve', 'not proc.name = café']);
});

test('the distance of an event is the number of comparisons that stand in the way', () => {
  const { condition } = ruleOf(
    'evt.type = execve and (proc.name = a or (proc.name = b and user.uid = 0)) and not proc.tty = 0',
  );
  const of = (fields: Record<string, string>) => distance(condition, event({ 'evt.type': 'execve', ...fields }));
  expect([
    of({ 'proc.name': 'a', 'proc.tty': '1' }),
    of({ 'proc.name': 'b', 'proc.tty': '1' }),
    of({ 'proc.name': 'c' }),
    of({ 'proc.name': 'b', 'evt.type': 'mkdir' }),
  ]).toEqual([0, 1, 2, 3]);
});

describe('what a recording left out', () => {
  const opens = ruleOf('evt.type in (open, openat) and evt.is_open_write = true and fd.name startswith /etc/');
  const connects = ruleOf('evt.type = connect and fd.sport in (1, 2)');
  const gaps = (plan: Plan, ...rules: Parameters<typeof planGaps>[1]) =>
    planGaps(plan, rules).map(({ events }) => events);
  const kind = (more: object): Plan => ({
    kinds: [{ kind: 'open', reasons: [], result: 'any', openFlagsAny: 0, ...more }],
    environment: false,
  });

  test('is nothing where the plan has all of a kind', () => {
    expect(gaps(planOf(['open', 'connect'], { by: 'recorder', name: 'all' }), opens, connects)).toEqual([]);
  });

  test('is whole kinds, single calls, results, flags and paths', () => {
    expect(gaps(kind({}), connects)).toEqual(['all of connect']);
    expect(gaps(kind({ syscalls: ['openat'] }), opens)).toEqual(['open']);
    expect(gaps(kind({ result: 'failure' }), opens)).toEqual(['open that succeeded']);
    expect(gaps(kind({ openFlagsAny: 0x40 }), opens)).toEqual(['open without any of the flags 0x40']);
    expect(gaps(kind({ paths: [{ components: ['usr'], below: true }] }), opens)).toEqual([
      'open of other paths than those that were wanted then',
    ]);
    expect(gaps(kind({ paths: [{ components: [], below: true }] }), opens)).toEqual([]);
  });

  test('is told with the rules that need it', () => {
    expect(planGaps(kind({}), [connects, opens])).toEqual([{ events: 'all of connect', rules: ['R'] }]);
  });

  test('can be environments', () => {
    expect(
      gaps(planOf(['exec'], { by: 'recorder', name: 'all' }), ruleOf('evt.type = execve and proc.env contains A')),
    ).toEqual(['environments of processes']);
  });
});
