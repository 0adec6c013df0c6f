import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRules } from '../../../agent/rules/compile.ts';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { compileFormat } from '../../../agent/rules/format.ts';
import { parseCondition } from '../../../agent/rules/parser.ts';
import { exprKey, printExpr } from '../../../agent/rules/print.ts';
import { condition, fuzzCatalogue } from './arbitraries.ts';

const TIME_MS = Number(process.env['FUZZ_MS'] ?? 2000);
const TIMED = { interruptAfterTimeLimit: TIME_MS, markInterruptAsFailure: false, numRuns: 1_000_000 };
const folder = new URL('../../data/upstream-rules/', import.meta.url);
const samples = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8').slice(0, 6000));

test(
  'any text is a condition or an error with a place in it',
  () => {
    const pieces = fc.constantFrom(
      '(',
      ')',
      'not ',
      ' and ',
      ' or ',
      'proc.name',
      '=',
      '!=',
      ' in ',
      '"',
      "'",
      '\\',
      ',',
      '[',
      ']',
      'val(',
      'len(',
      'a',
      '1',
      ' ',
      '%',
      '\0',
      'ä',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (text) => {
          const parsed = compileFilter(text, fuzzCatalogue);
          if (parsed.ok) return;
          expect(parsed.errors.length).toBeGreaterThan(0);
          for (const { at } of parsed.errors) expect(at).toBeGreaterThanOrEqual(0);
        },
      ),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);

test(
  'canonical text is read back as the same condition',
  () => {
    fc.assert(
      fc.property(condition, (text) => {
        const first = parseCondition(text);
        if (!first.ok) throw new Error(`${text}: ${first.error.message}`);
        const printed = printExpr(first.value);
        // Canonical form does not quote for parentheses or inside of calls, and an empty value has no text there.
        if (/\(a\||[[]|(?:join|concat|getopt)\(/.test(text)) return;
        if (/ (?:and|or|\)|$)|\(, |, ,|, \)| {2}|[=h] \)/.test(printed) || text.includes('""')) return;
        const second = parseCondition(printed);
        if (!second.ok) throw new Error(`${printed}: ${second.error.message}`);
        expect(exprKey(second.value).replace(/not not /g, '')).toBe(exprKey(first.value).replace(/not not /g, ''));
      }),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);

test(
  'any output template is a format or an error',
  () => {
    const pieces = fc.constantFrom(
      '%',
      'proc.name',
      '%proc.name',
      '%10',
      'toupper(',
      ')',
      '[',
      '1',
      ']',
      ' ',
      '*',
      '%evt.arg.',
      'x',
    );
    fc.assert(
      fc.property(
        fc.array(pieces).map((parts) => parts.join('')),
        (text) => {
          const compiled = compileFormat(text, fuzzCatalogue);
          if (!compiled.ok) expect(compiled.error).not.toBe('');
        },
      ),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);

test(
  'a damaged rule file gives rules or errors with places, and nothing else',
  () => {
    const damage = fc.record({
      sample: fc.constantFrom(...samples),
      at: fc.nat(6000),
      remove: fc.nat(40),
      insert: fc.constantFrom(
        '',
        '- ',
        ':',
        '"',
        "'",
        '[',
        '{',
        '&a ',
        '*a',
        '\t',
        '|',
        'append: true\n',
        '%',
        '\0',
        '((((',
        '__proto__: 1\n',
      ),
    });
    fc.assert(
      fc.property(damage, ({ sample, at, remove, insert }) => {
        const text = sample.slice(0, at) + insert + sample.slice(at + remove);
        const result = compileRules([{ path: 'damaged.yaml', text }], fuzzCatalogue, { hash: () => '' });
        expect(result.ok).toBe(result.errors.length === 0);
        for (const { file, line, column } of [...result.errors, ...result.warnings]) {
          expect(file).toBe('damaged.yaml');
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
        }
      }),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);
