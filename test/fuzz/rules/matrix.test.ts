import { expect, test } from 'vitest';
import { type FieldResult, PENDING } from '../../../agent/fields/field.ts';
import { compileProgram } from '../../../agent/rules/emit/program.ts';
import { evaluate } from '../../../agent/rules/evaluate.ts';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { Normalizer } from '../../../agent/rules/normalize.ts';
import { LIST_OPERATORS, NUMBER_OPERATORS, STRING_OPERATORS } from '../../../agent/rules/parser.ts';
import { possibility } from '../../../agent/rules/possibility.ts';
import { type FuzzContext, fuzzCatalogue } from './arbitraries.ts';

/** One field of each type, literals that it takes, and values that it can have. */
interface Subject {
  readonly field: string;
  readonly literals: readonly string[];
  readonly values: readonly FieldResult[];
}

const V6 = `${'\0'.repeat(15)}\x01`;
const SUBJECTS: readonly Subject[] = [
  text('proc.name', ['bash', 'BA', '""', '"b*"', '"[ab]+.*"', '10'], ['bash', 'BASH', 'b', '', '10', '<NA>', '\xe4']),
  text('fd.name', ['/etc', '"/e*/x"', '/', '5'], ['/etc/x', '/etc', 'etc', '', '//etc//x']),
  text('proc.env[PATH]', ['a', '""'], ['a', '']),
  { field: 'evt.buffer', literals: ['61', '""', 'abc'], values: ['abc', 'a\0b', '', 'a'] },
  { field: 'proc.pid', literals: ['5', '-1', '0'], values: [5, -1, 0, 4294967296] },
  { field: 'user.uid', literals: ['0', '-1'], values: [0, 4294967295, 5] },
  {
    field: 'evt.rawtime',
    literals: ['1700000000123456789', '5'],
    values: [1700000000123456789n, 5, 1700000000123456788n],
  },
  { field: 'evt.cpu', literals: ['3', '-2'], values: [3, -2] },
  { field: 'thread.cpu', literals: ['1', '2'], values: [1, 1.5, 2] },
  { field: 'fd.sport', literals: ['22', 'http'], values: [22, 80, 0] },
  { field: 'evt.failed', literals: ['true', 'false'], values: [true, false] },
  { field: 'fd.cip', literals: ['10.0.0.1', '::1'], values: ['\x0a\0\0\x01', V6, '\x0a\0\0\x02'] },
  { field: 'fd.cnet', literals: ['10.0.0.0/8', '::/64', '10.0.0.1/32'], values: ['\x0a\0\0\x01', V6, '\x0b\0\0\x01'] },
  { field: 'fd.types', literals: ['file', 'ipv4'], values: [[], ['file'], ['file', 'ipv4'], ['x']] },
  { field: 'proc.aname', literals: ['sh', 'init'], values: [[], ['sh'], ['sh', 'init'], ['x']] },
  text('proc.aname[1]', ['sh', 'init'], ['sh', 'x']),
  { field: 'proc.apid', literals: ['1', '5'], values: [[], [1], [5, 1]] },
  { field: 'proc.apid[1]', literals: ['1', '5'], values: [1, 7] },
  { field: 'fd.port', literals: ['22', '443'], values: [[], [22], [22, 443], [1, 2]] },
  {
    field: 'fd.ip',
    literals: ['10.0.0.1', '::1'],
    values: [[], ['\x0a\0\0\x01'], ['\x0a\0\0\x01', '\x0a\0\0\x02'], [V6, V6]],
  },
  {
    field: 'fd.net',
    literals: ['10.0.0.0/8', '::/64'],
    values: [[], ['\x0a\0\0\x01'], ['\x0a\0\0\x01', '\x0b\0\0\x02'], [V6, V6]],
  },
  { field: 'evt.rawarg.mode', literals: ['5', '0'], values: [5, 0] },
  text('evt.arg.flags', ['O_RDWR', '"O_*"'], ['O_RDWR|O_CREAT', '']),
];

function text(field: string, literals: readonly string[], values: readonly string[]): Subject {
  return { field, literals, values };
}

/** Every right side that the grammar has for an operator. */
function conditionsOf({ field, literals }: Subject): readonly string[] {
  const lists = [
    '()',
    ...literals.map((literal) => `(${literal})`),
    `(${literals.join(', ')})`,
    `(${literals[0]}, ${literals[0]})`,
  ];
  return [
    `${field} exists`,
    ...[...NUMBER_OPERATORS, ...STRING_OPERATORS].flatMap((operator) =>
      literals.map((l) => `${field} ${operator} ${l}`),
    ),
    ...STRING_OPERATORS.flatMap((operator) =>
      ['oneof', 'anyof', 'allof'].flatMap((modifier) => lists.map((l) => `${field} ${operator} ${modifier} ${l}`)),
    ),
    ...LIST_OPERATORS.flatMap((operator) => lists.map((l) => `${field} ${operator} ${l}`)),
  ];
}

/** What engines say otherwise than the evaluator of a comparison and of its negation. */
function disagreements(condition: string, key: string, values: readonly FieldResult[]): readonly string[] {
  const filter = compileFilter(condition, fuzzCatalogue);
  if (!filter.ok) return [];
  const normalizer = new Normalizer<FuzzContext>();
  const formulas = [normalizer.formula(filter.condition), normalizer.formula(filter.condition, true)];
  const program = compileProgram(
    formulas.map((formula) => ({ condition: formula, possibility: possibility(formula, normalizer) ?? formula })),
  );
  const holds = [false, false];
  const wrong: string[] = [];
  const every: readonly FieldResult[] = [...values, undefined, PENDING];
  for (const value of every) {
    const context: FuzzContext = { event: { kind: 'fork', type: 'clone' }, values: new Map([[key, value]]) };
    program.begin();
    const positive = evaluate(filter.condition, context);
    [positive, !positive].forEach((expected, place) => {
      const name = `${place === 0 ? '' : 'not '}${condition} for ${String(value)}`;
      const generated = program.conditions[place]?.(context);
      const possible = program.possibilities[place]?.(context) !== false;
      holds[place] ||= expected;
      if (generated !== expected) wrong.push(`${name}: evaluator ${expected}, generated ${generated}`);
      if (expected && !possible) wrong.push(`${name}: holds and is masked`);
      // What is pending may yet become any of the values before it.
      if (value === PENDING && holds[place] === true && !possible) wrong.push(`${name}: can hold and is masked`);
    });
  }
  return wrong;
}

test('every operator, type and modifier: all engines agree on every value, absent and pending too', () => {
  const conditions = SUBJECTS.flatMap((subject) => conditionsOf(subject).map((text) => ({ subject, text })));
  const wrong = conditions.flatMap(({ subject, text: condition }) => {
    const key = subject.field.replace(/^(evt\.(?:raw)?arg)\.(\w+)$/, '$1[$2]');
    return disagreements(condition, key, subject.values);
  });
  expect(wrong).toEqual([]);
  expect(conditions.length).toBeGreaterThan(2000);
});
