import { describe, expect, it } from 'vitest';
import { type FieldResult, PENDING } from '../../../agent/fields/field.ts';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { decide } from '../../../agent/rules/pending.ts';
import { contextOf, testCatalogue } from './support/rules.ts';

function decisionOf(condition: string, values: Readonly<Record<string, FieldResult>>): string {
  const filter = compileFilter(condition, testCatalogue);
  if (!filter.ok) throw new Error(condition);
  const { holds, settled } = decide(filter.condition, contextOf(values));
  return `${holds ? 'yes' : 'no'}${settled ? '' : ', so far'}`;
}

const waiting = { 'container.id': PENDING, 'proc.name': 'a' } as const;

describe('a condition with a pending value', () => {
  it('is false so far where it compares that value, and true so far where it denies that', () => {
    expect(decisionOf('container.id = x', waiting)).toBe('no, so far');
    expect(decisionOf('container.id exists', waiting)).toBe('no, so far');
    expect(decisionOf('container.id != x', waiting)).toBe('no, so far');
    expect(decisionOf('not container.id = x', waiting)).toBe('yes, so far');
    expect(decisionOf('tolower(container.id) = x', waiting)).toBe('no, so far');
    expect(decisionOf('proc.name = val(container.id)', waiting)).toBe('no, so far');
  });

  it('is settled where another part decides it', () => {
    expect(decisionOf('proc.name = b and container.id = x', waiting)).toBe('no');
    expect(decisionOf('proc.name = a or container.id = x', waiting)).toBe('yes');
    expect(decisionOf('not (proc.name = a or container.id = x)', waiting)).toBe('no');
    expect(decisionOf('proc.name = a and container.id = x', waiting)).toBe('no, so far');
    expect(decisionOf('proc.name = b or not container.id = x', waiting)).toBe('yes, so far');
  });

  it('is settled where no value could make it true', () => {
    expect(decisionOf('container.id = anyof ()', waiting)).toBe('no, so far');
    expect(decisionOf('fd.ip in (1.2.3.4)', { 'fd.ip': PENDING })).toBe('no');
    expect(decisionOf('user.name = val(container.id)', waiting)).toBe('no');
  });
});

it('a condition without pending values is settled', () => {
  expect(decisionOf('proc.name = a and user.name exists', waiting)).toBe('no');
  expect(decisionOf('proc.name = a and not user.name exists', waiting)).toBe('yes');
});
