import { describe, expect, it } from 'vitest';
import { compile, conditionOf, errorsOf, rule, ruleSetOf, warningsOf } from './support/rules.ts';

describe('a rule file', () => {
  it('that is empty or null has no rules', () => {
    for (const text of ['', '# nothing', '---', '[]', '-', '~']) expect(compile(text).ok).toBe(true);
  });

  it('must be a list of items', () => {
    expect(errorsOf('foo')).toEqual([
      'file1.yaml:1:1: error: a rule file is a list of items; found a single value; ' +
        'expected items, each beginning with "- " [LOAD_ERR_YAML_VALIDATE]',
    ]);
    expect(errorsOf('foo: bar')[0]).toContain('a rule file is a list of items; found a mapping of keys');
    expect(errorsOf('- foo')[0]).toContain('an item is a mapping of keys; found a single value');
  });

  it('names the nearest key for an unknown one', () => {
    expect(warningsOf(rule('r', 'evt.type=open', 'prioritty: INFO'))).toEqual([
      "file1.yaml:6:3: warning in rule 'r': the key 'prioritty' means nothing here and is ignored; " +
        "did you mean 'priority'? [LOAD_UNKNOWN_KEY]",
    ]);
    expect(warningsOf('- marco: m\n  condition: a\n')[0]).toContain("; did you mean 'macro'?");
  });

  it('is not confused by keys and names of objects', () => {
    const text =
      '- list: __proto__\n  items: [a]\n- macro: constructor\n  condition: proc.name in (__proto__)\n' +
      rule('__proto__', 'evt.type=open and constructor', '__proto__: {a: b}');
    const { ok, ruleSet } = compile(text);
    expect([ok, ruleSet.rules.map(({ name, conditionText }) => [name, conditionText])]).toEqual([
      true,
      [['__proto__', '(evt.type = open and proc.name in (a))']],
    ]);
  });

  it('may not multiply itself by aliases', () => {
    const level = (name: string, of: string): string =>
      `- &${name} [${Array.from({ length: 12 }, () => `*${of}`).join()}]\n`;
    const text = `- &a [${'x,'.repeat(12)}]\n${['b', 'c', 'd', 'e', 'f', 'g'].map((n, i) => level(n, 'abcdef'.charAt(i))).join('')}`;
    expect(errorsOf(text)[0]).toContain('more than 1000000 values, aliases resolved [LOAD_ERR_YAML_PARSE]');
  });

  it('that nests without end is an error', () => {
    expect(errorsOf('['.repeat(100_000))[0]).toMatch(/LOAD_ERR_YAML_PARSE/);
    expect(errorsOf(`${'['.repeat(200)}${']'.repeat(200)}`)[0]).toContain('nests deeper than 100 levels');
  });

  it('says which priorities there are', () => {
    expect(errorsOf(rule('r', 'evt.type=open').replace('INFO', 'warn'))[0]).toContain(
      "there is no such priority; found 'warn'; expected emergency, alert, critical, error, warning, notice, informational, info, debug",
    );
  });
});

describe('appending and overriding', () => {
  it('joins text by one blank, without parentheses', () => {
    const text =
      rule('r', 'evt.type=open or proc.name=b') +
      '- rule: r\n  condition: and proc.name=c\n  override: {condition: append}\n';
    expect(conditionOf(text)).toBe('(evt.type = open or (proc.name = b and proc.name = c))');
  });

  it('names the nearest rule when there is none of that name', () => {
    const text = `${rule('Write below etc', 'evt.type=open')}- rule: Write below ect\n  condition: and proc.name=c\n  override: {condition: append}\n`;
    expect(errorsOf(text)[0]).toContain(
      "there is no rule of this name yet to append to; did you mean 'Write below etc'?",
    );
  });

  it('keeps the place of a rule that is redefined', () => {
    const text = rule('a', 'evt.type=open') + rule('b', 'evt.type=close') + rule('a', 'evt.type=openat');
    expect(ruleSetOf(text).rules.map(({ name, conditionText }) => `${name}: ${conditionText}`)).toEqual([
      'a: evt.type = openat',
      'b: evt.type = close',
    ]);
  });

  it('takes many appends to one thing in linear time', () => {
    const append = '- rule: r\n  condition: or proc.name=b\n  override: {condition: append}\n';
    expect(conditionOf(rule('r', 'evt.type=open') + append.repeat(5_000)).length).toBeGreaterThan(80_000);
  });
});

describe('exceptions', () => {
  it('are text too: lists and transformers in values work', () => {
    const more =
      'exceptions:\n    - name: e\n      fields: [proc.name, proc.pname]\n      comps: [in, =]\n      values:\n        - [(l), val(proc.name)]';
    expect(conditionOf(`- list: l\n  items: [a, b]\n${rule('r', 'evt.type=open', more)}`)).toBe(
      '(evt.type = open and not (proc.name in (a, b) and proc.pname = val(proc.name)))',
    );
  });

  it('name the nearest operator', () => {
    const more = 'exceptions:\n    - name: e\n      fields: [proc.name]\n      comps: [startwith]\n      values: [[a]]';
    expect(errorsOf(rule('r', 'evt.type=open', more))).toEqual([
      "file1.yaml:9:15: error in rule 'r': 'startwith' is no operator; " +
        "did you mean 'startswith'? [LOAD_ERR_VALIDATE]",
    ]);
  });
});
