import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../agent/rules/diagnostics.ts';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { ruleWith, withCondition } from './bad-input/case.ts';
import { compile, contextOf, testCatalogue } from './support/rules.ts';

/** As long as it takes on a busy machine; what is held is that there is an end, and what is said. */
const PATIENCE_MS = 120_000;

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

/** The first finding of an only rule file, without its file name. */
function first(text: string): string | undefined {
  const { errors, warnings } = compile(text);
  return [...errors, ...warnings].map(formatDiagnostic)[0]?.replace('file1.yaml:', '');
}

const list = (name: string, items: string): string => `- list: ${name}\n  items: [${items}]\n`;
const macro = (name: string, condition: string): string => `- macro: ${name}\n  condition: ${condition}\n`;

describe('text', () => {
  test('of seventeen megabytes is refused', () => {
    expect(first(`# ${'x'.repeat(17 * 1024 * 1024)}\n`)).toBe(
      '1:1: error: file has 17825795 characters; at most 16777216 are read [LOAD_ERR_YAML_PARSE]',
    );
  });

  test('of ten megabytes in one value is refused', () => {
    expect(first(macro('m', `proc.name = ${'a'.repeat(10_000_000)}`))).toBe(
      "2:14: error in macro 'm': condition is longer than 8388608 bytes with its lists [LOAD_ERR_COMPILE_CONDITION]",
    );
  });

  test('that nests a million deep is refused', () => {
    expect(first('['.repeat(1_000_000))).toBe('1:301: error: nests deeper than 100 levels [LOAD_ERR_YAML_PARSE]');
    const indented = range(3_000).map((depth) => `${' '.repeat(depth)}a:\n`);
    expect(first(indented.join(''))).toMatch(/: error: nests deeper than 100 levels \[LOAD_ERR_YAML_PARSE\]$/);
  });

  test('of aliases that name each other is refused', () => {
    expect(first('- &a [*a]\n')).toMatch(/: error: nests deeper than 100 levels \[LOAD_ERR_YAML_PARSE\]$/);
    expect(first('- *nothing\n')).toMatch(/^1:3: error: .*nothing/);
  });
});

describe('lists', () => {
  test(
    'of a hundred thousand items are put into a condition',
    () => {
      const items = range(100_000).map((index) => `p${index}`);
      const { ok, ruleSet } = compile(list('l', items.join()) + withCondition('evt.type=open and proc.name in (l)'));
      expect([ok, ruleSet.rules[0]?.conditionText.length]).toEqual([true, 788_925]);
    },
    PATIENCE_MS,
  );

  test('that name the next twice, thirty times, are refused', () => {
    const bomb = range(30).map((index) => list(`l${index}`, `l${index + 1}, l${index + 1}`));
    expect(first(bomb.join('') + withCondition('proc.name in (l0)'))).toBe(
      "63:14: error in rule 'r': more than 100000 names of lists are replaced [LOAD_ERR_COMPILE_CONDITION]",
    );
  }, 60_000);
});

describe('conditions', () => {
  test.each(['(', 'not(', 'not not not (', 'len('])('of %s ten thousand times are refused', (opening) => {
    const text = withCondition(`${opening.repeat(10_000)}proc.pid=1${')'.repeat(10_000)}`);
    expect(first(text)).toMatch(
      /: the condition nests too deeply: fewer than 200 parentheses fit \[LOAD_ERR_COMPILE_CONDITION\]$/,
    );
  });

  test('of a macro that doubles thirty times are refused where it is too large', () => {
    const doubling = range(30).map((index) => macro(`m${index + 1}`, `m${index} or m${index}`));
    expect(first(macro('m0', 'proc.name=a') + doubling.join('') + withCondition('evt.type=open and m30'))).toBe(
      "40:14: error in macro 'm19': condition is too large with its macros; found 1048575 parts; " +
        'expected at most 1000000 parts and 1000 levels [LOAD_ERR_COMPILE_CONDITION]',
    );
  });

  test('with a number of a million digits are refused', () => {
    for (const field of ['proc.pid', 'fd.sport', 'evt.num']) {
      expect(first(withCondition(`evt.type=open and ${field} = ${'9'.repeat(1_000_000)}`))).toMatch(
        /'9+\.\.\.' is no (number|port);/,
      );
    }
  });

  test('with an output of fifty thousand fields compile', () => {
    const text = ruleWith('').replace('output: o', `output: "${'%proc.name'.repeat(50_000)}"`);
    expect(compile(text).ok).toBe(true);
  }, 60_000);
});

describe('a regex', () => {
  const matches = (pattern: string, value: string): boolean => {
    const filter = compileFilter(`proc.name regex "${pattern}"`, testCatalogue);
    if (!filter.ok) throw new Error('does not compile');
    return filter.test(contextOf({ 'proc.name': value }));
  };

  test('that makes others blow up is matched in linear time', () => {
    expect(matches('(a+)+$', `${'a'.repeat(100_000)}!`)).toBe(false);
    expect(matches('(a|a)*b', 'a'.repeat(100_000))).toBe(false);
    expect(matches('(a|aa)+', 'a'.repeat(100_000))).toBe(true);
  }, 60_000);

  test.each(['(((a{1000}){1000}){1000})', '((a{0,100}){0,100}){0,100}', 'a{100000}'])('%s is refused', (pattern) => {
    expect(first(withCondition(`'evt.type=open and proc.name regex "${pattern}"'`))).toMatch(
      /the regex cannot be read: invalid repeat count/,
    );
  });
});

describe('many faults', () => {
  test(
    'are all told, and only the first of them have hints',
    () => {
      const macros = range(5_000).map((index) => macro(`known${index}`, `proc.pid=${index}`));
      const rules = range(300).map((index) =>
        withCondition(`evt.type=open and unknown${index}`).replace('- rule: r', `- rule: r${index}`),
      );
      const { errors } = compile(macros.join('') + rules.join(''));
      expect(errors).toHaveLength(300);
      expect(errors[0]?.nearest).toBe('known0');
      expect(errors.at(-1)?.nearest).toBeUndefined();
    },
    PATIENCE_MS,
  );
});
