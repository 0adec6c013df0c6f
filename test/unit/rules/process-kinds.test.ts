import { describe, expect, it } from 'vitest';
import { PENDING } from '../../../agent/fields/field.ts';
import { createProcessKinds } from '../../../agent/rules/process-kinds.ts';
import { contextOf, rule, ruleSetOf } from './support/rules.ts';

function kindsFor(conditions: readonly string[], values: Parameters<typeof contextOf>[0]): readonly string[] {
  const text = conditions.map((condition, place) => rule(`r${place}`, condition)).join('');
  return [...createProcessKinds(ruleSetOf(text).active)(contextOf(values))];
}

const CONDITIONS = [
  'evt.type=openat and proc.name=a',
  'evt.type in (connect, openat) and proc.name=b and fd.name=/x',
  'evt.type=bind and fd.name=/y',
];

describe('a process mask', () => {
  it('has the kinds of rules that the process can match', () => {
    expect(kindsFor(CONDITIONS, { 'proc.name': 'a' })).toEqual(['open', 'bind']);
    expect(kindsFor(CONDITIONS, { 'proc.name': 'b' })).toEqual(['open', 'connect', 'bind']);
    expect(kindsFor(CONDITIONS, { 'proc.name': 'c' })).toEqual(['bind']);
  });

  it('counts what is pending as possible, and what is absent as it is', () => {
    expect(kindsFor(CONDITIONS, { 'proc.name': PENDING })).toEqual(['open', 'connect', 'bind']);
    expect(kindsFor(CONDITIONS, {})).toEqual(['bind']);
    expect(kindsFor(['evt.type=openat and not container.id=host'], { 'container.id': PENDING })).toEqual(['open']);
    expect(kindsFor(['evt.type=openat and container.id != host'], {})).toEqual([]);
  });

  it('is empty without rules', () => {
    expect(kindsFor([], { 'proc.name': 'a' })).toEqual([]);
  });
});
