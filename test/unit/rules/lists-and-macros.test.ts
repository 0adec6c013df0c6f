import { describe, expect, it } from 'vitest';
import { conditionOf, errorsOf, rule, warningsOf } from './support/rules.ts';

const list = (name: string, items: string): string => `- list: ${name}\n  items: ${items}\n`;
const macro = (name: string, condition: string, more = ''): string =>
  `- macro: ${name}\n  condition: ${condition}\n${more === '' ? '' : `  ${more}\n`}`;

describe('lists', () => {
  it('are text: a name is replaced wherever it stands alone, also in quotes', () => {
    const text = list('shell', '[bash]') + rule('r', 'evt.type=open and proc.cmdline contains "run shell now"');
    expect(conditionOf(text)).toBe('(evt.type = open and proc.cmdline contains "run bash now")');
  });

  it('replace a value and a macro of the same name', () => {
    const text = list('x', '[bash]') + macro('x', 'proc.pid=1') + rule('r', 'evt.type=open and proc.name=x');
    expect(conditionOf(text)).toBe('(evt.type = open and proc.name = bash)');
  });

  it('leave longer words and quoted names alone', () => {
    const text = list('sh', '[a]') + rule('r', 'evt.type=open and proc.name in (bash, shx, "sh", x:sh)');
    expect(conditionOf(text)).toBe('(evt.type = open and proc.name in (bash, shx, sh, x:sh))');
  });

  it('take a comma with them when they are empty', () => {
    const condition = (inner: string): string =>
      conditionOf(list('l', '[]') + rule('r', `evt.type=open and proc.name in (${inner})`));
    expect(condition('l')).toBe('(evt.type = open and proc.name in ())');
    expect(condition('a, l')).toBe('(evt.type = open and proc.name in (a))');
    expect(condition('l, a')).toBe('(evt.type = open and proc.name in (a))');
    expect(condition('a, l, b')).toBe('(evt.type = open and proc.name in (a, b))');
  });

  it('quote items with blanks, once', () => {
    const text = list('l', '["a b", "\'c d\'"]') + rule('r', 'evt.type=open and proc.name in (l)');
    expect(conditionOf(text)).toBe('(evt.type = open and proc.name in ("a b", "c d"))');
  });

  it('hold other lists one level deep', () => {
    const lists = list('a', '[x]') + list('b', '[a]') + list('c', '[b]');
    expect(conditionOf(lists + rule('r', 'evt.type=open and proc.name in (b)'))).toContain('in (x)');
    expect(conditionOf(lists + rule('r', 'evt.type=open and proc.name in (c)'))).toContain('in (a)');
  });

  it('are replaced many times in one condition in linear time', () => {
    const names = Array.from({ length: 20_000 }, () => 'l').join(', ');
    const text = list('l', '[a]') + rule('r', `evt.type=open and proc.name in (${names})`);
    expect(conditionOf(text).length).toBe('(evt.type = open and proc.name in ())'.length + 20_000 * 3 - 2);
  });
});

describe('macros', () => {
  it('stand as in parentheses', () => {
    const text = macro('m', 'proc.name=a or proc.name=b') + rule('r', 'evt.type=open and not m');
    expect(conditionOf(text)).toBe('(evt.type = open and not (proc.name = a or proc.name = b))');
  });

  it('see only macros that were defined before their own last change', () => {
    expect(errorsOf(macro('n', 'm') + macro('m', 'proc.name=a'))).toEqual([
      "file1.yaml:2:14: error in macro 'n': the macro 'm' comes later in the file; expected before the macro that uses it [LOAD_ERR_VALIDATE]",
    ]);
    expect(errorsOf(macro('n', 'proc.pid=1') + macro('m', 'proc.name=a') + macro('n', 'm'))).toEqual([]);
  });

  it('are bound late: a redefinition changes what was defined before', () => {
    const text = macro('m', 'proc.name=a') + rule('r', 'evt.type=open and m') + macro('m', 'proc.name=b');
    expect(conditionOf(text)).toBe('(evt.type = open and proc.name = b)');
  });

  it('that refer to themselves are loops', () => {
    const text = macro('a', 'proc.pid=1') + macro('a', 'or a', 'append: true');
    expect(errorsOf(text)).toEqual([
      "file1.yaml:4:17: error in macro 'a': the macro 'a' uses itself [LOAD_ERR_VALIDATE]",
    ]);
  });

  it('name the nearest macro when one is unknown', () => {
    const text = macro('spawned_process', 'evt.type=execve') + rule('r', 'spawn_process and proc.name=a');
    expect(errorsOf(text)).toEqual([
      "file1.yaml:5:14: error in rule 'r': there is no macro 'spawn_process' that can be used here; " +
        "did you mean 'spawned_process'? [LOAD_ERR_VALIDATE]",
    ]);
  });

  it('that are wrong are reported once, not again where they are used', () => {
    const text = macro('m', 'proc.name=') + macro('n', 'm') + rule('r', 'evt.type=open and n and m');
    expect(errorsOf(text).length).toBe(1);
  });

  it('may not multiply a condition beyond bounds', () => {
    const doubling = Array.from({ length: 30 }, (_, level) => macro(`m${level + 1}`, `m${level} or m${level}`));
    const [first] = errorsOf(macro('m0', 'proc.name=a') + doubling.join('') + rule('r', 'evt.type=open and m30'));
    expect(first).toContain('condition is too large with its macros; found 1048575 parts; expected at most 1000000');
  });

  it('may not nest beyond bounds', () => {
    const chain = Array.from({ length: 5_000 }, (_, level) => macro(`m${level + 1}`, `not m${level}`));
    const [first] = errorsOf(macro('m0', 'proc.name=a') + chain.join(''));
    expect(first).toContain('condition nests deeper than 1000 levels with its macros');
  });
});

it('warns of what nothing uses', () => {
  expect(warningsOf(list('l', '[a]') + macro('m', 'proc.name=a'))).toEqual([
    "file1.yaml:3:3: warning in macro 'm': no rule and no macro uses the macro [LOAD_UNUSED_MACRO]",
    "file1.yaml:1:3: warning in list 'l': no rule and no macro uses the list [LOAD_UNUSED_LIST]",
  ]);
});
