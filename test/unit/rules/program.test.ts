import { beforeEach, describe, expect, it } from 'vitest';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { contextOf, reads, rule, ruleSetOf, testCatalogue } from './support/rules.ts';

beforeEach(() => reads.clear());

/** The generated text of the rules for openat. */
function sourceOf(text: string): string {
  return ruleSetOf(text).buckets().byType.get('openat')?.program().source ?? '';
}

describe('generated code', () => {
  const hostile = [
    '${process.exit(1)}',
    '`+process.exit(1)+`',
    "'); process.exit(1); ('",
    '*/ process.exit(1) /*',
    '\\x27); process.exit(1)//',
    'constructor',
    '__proto__',
    '</script>',
  ];

  it('holds nothing of the text of rules', () => {
    for (const value of hostile) {
      const quoted = JSON.stringify(`evt.type=openat and proc.name = ${JSON.stringify(value)}`);
      const source = sourceOf(rule('r', quoted) + rule('s', "evt.type=openat and proc.env['process.exit(1)'] = x"));
      expect(source).not.toContain('exit');
      expect(source).not.toContain(value);
      expect(source).not.toContain('proc');
    }
  });

  it('compares with hostile values as with any other', () => {
    for (const value of hostile) {
      const filter = compileFilter(`proc.name = ${JSON.stringify(value)}`, testCatalogue);
      expect(filter.ok && filter.test(contextOf({ 'proc.name': value }))).toBe(true);
      expect(filter.ok && filter.test(contextOf({ 'proc.name': `${value}x` }))).toBe(false);
    }
  });

  it('is made of names, numbers and its own words alone', () => {
    const source = sourceOf(
      rule('r', 'evt.type=openat and (proc.name in (a, b) or proc.pid > 7 or fd.name glob "*x")'),
    );
    const words = new Set(source.match(/[A-Za-z_$][\w$]*/g)?.filter((word) => !/^[a-z]\d+$/.test(word)));
    expect([...words].sort()).toEqual(
      [
        'PENDING',
        'begin',
        'c',
        'conditions',
        'const',
        'constants',
        'else',
        'epoch',
        'false',
        'function',
        'get',
        'if',
        'key',
        'let',
        'possibilities',
        'return',
        'signature',
        'stableKey',
        'strict',
        'true',
        'undefined',
        'use',
        'value',
        'x',
        'y',
      ]
        .filter((word) => words.has(word))
        .sort(),
    );
  });

  it('reads a field once for one event, however many rules compare it', () => {
    const rules = ['a', 'b', 'c', 'd'].map((name) =>
      rule(name, `evt.type=openat and fd.name contains ${name} and user.uid < 5`),
    );
    const program = ruleSetOf(rules.join('')).buckets().byType.get('openat')?.program();
    const context = contextOf({ 'fd.name': 'abcd', 'user.uid': 1 });
    for (let event = 1; event <= 3; event++) {
      program?.begin();
      expect(program?.conditions.map((condition) => condition(context))).toEqual([true, true, true, true]);
      expect([reads.get('fd.name'), reads.get('user.uid')]).toEqual([event, event]);
    }
  });

  it('makes a comparison once that rules share', () => {
    const macro = '- macro: m\n  condition: fd.name contains x and len(fd.filename) > 1\n';
    const rules = macro + rule('a', 'evt.type=openat and m and user.uid=1') + rule('b', 'evt.type=openat and not m');
    const program = ruleSetOf(rules).buckets().byType.get('openat')?.program();
    program?.begin();
    const context = contextOf({ 'fd.name': 'x', 'fd.filename': 'xy', 'user.uid': 1 });
    expect(program?.conditions.map((condition) => condition(context))).toEqual([true, false]);
    expect(reads.get('fd.filename')).toBe(1);
  });

  it('decides the event type before there is an event', () => {
    const source = sourceOf(rule('r', '(evt.type=openat and fd.name=a) or (evt.type=connect and fd.sip=1.2.3.4)'));
    reads.clear();
    const program = ruleSetOf(rule('r', '(evt.type=openat and fd.name=a) or (evt.type=connect and fd.sip=1.2.3.4)'))
      .buckets()
      .byType.get('openat')
      ?.program();
    program?.begin();
    expect(program?.conditions[0]?.(contextOf({ 'fd.name': 'a' }))).toBe(true);
    expect([...reads.keys()]).toEqual(['fd.name']);
    expect(source.length).toBeGreaterThan(0);
  });
});
