import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { FILTER_DEPTH, parseCondition, parseValue, RULE_DEPTH } from '../../../agent/rules/parser.ts';
import { printExpr, printValue } from '../../../agent/rules/print.ts';
import { testCatalogue } from './support/rules.ts';

function parse(text: string, depth = RULE_DEPTH): string {
  const parsed = parseCondition(text, depth);
  return parsed.ok ? printExpr(parsed.value) : `${parsed.error.message} at ${parsed.error.at}`;
}

describe('conditions', () => {
  it('bind not before and before or', () => {
    expect(parse('not a and b or c')).toBe('((not a and b) or c)');
  });

  it('keep macros with the names of keywords', () => {
    expect(parse('and and and or or')).toBe('((and and and) or or)');
    expect(parse('exists and in')).toBe('(exists and in)');
  });

  it('take a modifier only where a list or name follows', () => {
    expect(parse('proc.name = oneof (a, b)')).toBe('proc.name = oneof (a, b)');
    expect(parse('proc.name = oneof and a')).toBe('(proc.name = oneof and a)');
    expect(parse('proc.name contains oneof')).toBe('proc.name contains oneof');
  });

  it('read a list with a broken first element as empty', () => {
    expect(parse('proc.name in ("\\q")')).toBe('proc.name in ()');
  });

  it('say where reading stopped', () => {
    expect(parse('proc.name = a b')).toBe(
      "the condition does not go on like this behind 'a': expected 'and', 'or' or its end at 14",
    );
    expect(parse('(proc.name = a')).toBe("expected ')' at 14");
  });
});

describe('depth', () => {
  const nested = (levels: number, inner: string): string => '('.repeat(levels) + inner + ')'.repeat(levels);

  it('allows 199 parentheses around a macro in a rule and 198 around a comparison', () => {
    expect(parse(nested(199, 'm'))).toBe('m');
    expect(parse(nested(200, 'm'))).toMatch(/^the condition nests too deeply: fewer than 200 parentheses fit at/);
    expect(parse(nested(198, 'f.x=1'))).toBe('f.x = 1');
    expect(parse(nested(199, 'f.x=1'))).toMatch(/^the condition nests too deeply: fewer than 200 parentheses fit/);
  });

  it('allows 19 in a value that stands alone', () => {
    expect(parse(nested(19, 'm'), FILTER_DEPTH)).toBe('m');
    expect(parse(nested(20, 'm'), FILTER_DEPTH)).toMatch(
      /^the condition nests too deeply: fewer than 20 parentheses fit at/,
    );
  });

  it('allows a hundred in a filter that stands alone', () => {
    const filter = (levels: number) => compileFilter(nested(levels, 'proc.pid = 1'), testCatalogue);
    expect(filter(100).ok).toBe(true);
    expect(filter(101)).toMatchObject({
      ok: false,
      errors: [{ message: expect.stringContaining('nests too deeply') }],
    });
  });

  it('refuses ten thousand without exhausting the stack', () => {
    expect(parse(nested(10_000, 'm'))).toMatch(/^the condition nests too deeply/);
    expect(parse('not('.repeat(10_000))).toMatch(/^the condition nests too deeply/);
    expect(parse(`${'len('.repeat(10_000)}proc.name`)).toMatch(/^the condition nests too deeply/);
  });

  it('does not count repeated nots', () => {
    expect(parse(`${'not '.repeat(10_001)}m`)).toBe('not m');
  });
});

describe('values', () => {
  it('are read from the start of a text', () => {
    const parsed = parseValue('toupper(proc.aname[2]) rest');
    expect(parsed.ok && [printValue(parsed.value), parsed.end]).toEqual(['toupper(proc.aname[2])', 22]);
  });

  it('are read in linear time where no dot follows a long word', () => {
    expect(parseValue('a'.repeat(1_000_000)).ok).toBe(false);
  });
});
