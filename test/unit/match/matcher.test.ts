import { beforeEach, describe, expect, it } from 'vitest';
import { PENDING } from '../../../agent/fields/field.ts';
import { createMatcher } from '../../../agent/match/matcher.ts';
import { contextOf, processOf, reads, rule, ruleSetOf } from '../rules/support/rules.ts';

beforeEach(() => reads.clear());

const names = (rules: readonly { readonly name: string }[]): readonly string[] => rules.map(({ name }) => name);

describe('a matcher', () => {
  const rules = rule('a', 'evt.type=openat and fd.name=/x') + rule('b', 'evt.type in (openat, connect) and user.uid=0');

  it('gives all rules that match, in order of definition', () => {
    const matcher = createMatcher(ruleSetOf(rules));
    expect(names(matcher.match(contextOf({ 'fd.name': '/x', 'user.uid': 0 })))).toEqual(['a', 'b']);
    expect(names(matcher.match(contextOf({ 'fd.name': '/x', 'user.uid': 0 }, 'connect')))).toEqual(['b']);
  });

  it('gives only the first where that is asked for', () => {
    const matcher = createMatcher(ruleSetOf(rules), { matching: 'first' });
    expect(names(matcher.match(contextOf({ 'fd.name': '/x', 'user.uid': 0 })))).toEqual(['a']);
  });

  it('gives the same empty array whenever nothing matches', () => {
    const matcher = createMatcher(ruleSetOf(rules));
    const nothing = matcher.match(contextOf({}));
    expect(nothing).toEqual([]);
    expect(matcher.match(contextOf({}, 'unlink'))).toBe(nothing);
    expect(matcher.match(contextOf({ 'fd.name': '/y' }, 'openat', processOf()))).toBe(nothing);
  });

  it('evaluates events of unknown types by every rule that is not bound to types', () => {
    const matcher = createMatcher(ruleSetOf(rules + rule('c', 'user.uid=0')));
    expect(names(matcher.match(contextOf({ 'evt.type': 'x', 'user.uid': 0 }, 'somethingelse')))).toEqual(['c']);
  });

  it('finds more than 32 rules in one bucket', () => {
    const many = Array.from({ length: 100 }, (_, place) =>
      rule(`r${place}`, `evt.type=openat and user.uid >= ${place}`),
    );
    const matcher = createMatcher(ruleSetOf(many.join('')));
    expect(names(matcher.match(contextOf({ 'user.uid': 70 }, 'openat', processOf())))).toEqual(
      many.slice(0, 71).map((_, place) => `r${place}`),
    );
  });
});

describe('the masks of a process', () => {
  const rules =
    rule('a', 'evt.type=openat and proc.name=bash and fd.name=/x') +
    rule('b', 'evt.type=openat and container.id!=host');

  it('are made once, and a process that can match nothing has no field of an event read', () => {
    const matcher = createMatcher(ruleSetOf(rules));
    const process = processOf();
    const context = contextOf({ 'proc.name': 'sh', 'container.id': 'host', 'fd.name': '/x' }, 'openat', process);
    for (let event = 0; event < 5; event++) expect(matcher.match(context)).toEqual([]);
    expect([reads.get('proc.name'), reads.get('container.id'), reads.get('fd.name')]).toEqual([1, 1, undefined]);
  });

  it('are made again when the process changes', () => {
    const matcher = createMatcher(ruleSetOf(rules));
    const process = processOf();
    const before = contextOf({ 'proc.name': 'sh', 'container.id': 'host', 'fd.name': '/x' }, 'openat', process);
    const after = contextOf({ 'proc.name': 'bash', 'container.id': 'host', 'fd.name': '/x' }, 'openat', process);
    expect(matcher.match(before)).toEqual([]);
    expect(matcher.match(after)).toEqual([]);
    process.mask.revision++;
    expect(names(matcher.match(after))).toEqual(['a']);
  });

  it('keep rules possible whose values are pending', () => {
    const matcher = createMatcher(ruleSetOf(rules));
    const process = processOf();
    expect(matcher.match(contextOf({ 'container.id': PENDING }, 'openat', process))).toEqual([]);
    expect(names(matcher.match(contextOf({ 'container.id': 'abc' }, 'openat', process)))).toEqual(['b']);
  });

  it('belong to one rule set: a reload makes them anew', () => {
    const matcher = createMatcher(ruleSetOf(rules));
    const process = processOf();
    const context = contextOf({ 'proc.name': 'sh', 'container.id': 'host', 'fd.name': '/x' }, 'openat', process);
    expect(matcher.match(context)).toEqual([]);
    matcher.reload(ruleSetOf(rule('c', 'evt.type=openat and proc.name=sh')));
    expect(names(matcher.match(context))).toEqual(['c']);
    expect(names(matcher.ruleSet.rules)).toEqual(['c']);
    matcher.reload(ruleSetOf(''));
    expect(matcher.match(context)).toEqual([]);
  });
});

describe('what is known of a value', () => {
  const paths = ['/etc/a', '/etc/b', '/etc/c', '/etc/d'];
  const rules = paths.map((path) =>
    rule(path, `evt.type=openat and fd.name startswith ${path} and evt.arg.flags contains O_CREAT`),
  );

  it('leaves out rules before anything else is read', () => {
    const matcher = createMatcher(ruleSetOf(rules.join('')));
    const other = contextOf({ 'fd.name': '/usr/lib/x', 'evt.arg[flags]': 'O_CREAT' });
    matcher.match(other);
    reads.clear();
    expect(matcher.match(other)).toEqual([]);
    expect(reads.get('evt.arg[flags]')).toBeUndefined();
    expect(names(matcher.match(contextOf({ 'fd.name': '/etc/b/x', 'evt.arg[flags]': 'O_CREAT' })))).toEqual(['/etc/b']);
  });

  it('is forgotten before it grows without end', () => {
    const matcher = createMatcher(ruleSetOf(rules.join('')));
    const hits = (values: string): number =>
      matcher.match(contextOf({ 'fd.name': values, 'evt.arg[flags]': 'O_CREAT' })).length;
    for (let event = 0; event < 20_000; event++) hits(`/tmp/${event}`);
    expect(hits('/etc/a/x')).toBe(1);
  });
});
