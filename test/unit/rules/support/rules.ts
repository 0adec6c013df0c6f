import { createHash } from 'node:crypto';
import { EVENT_TYPES } from '../../../../agent/events/event-types.ts';
import { EVENT_KINDS, type EventKind } from '../../../../agent/events/kinds.ts';
import { createMaskSlot, type MaskSlot } from '../../../../agent/events/mask.ts';
import { catalogue } from '../../../../agent/fields/catalogue.ts';
import type { FieldCatalogue, FieldDef, FieldResult } from '../../../../agent/fields/field.ts';
import { type CompileOptions, type CompileResult, compileRules } from '../../../../agent/rules/compile.ts';
import { formatDiagnostic } from '../../../../agent/rules/diagnostics.ts';
import type { RuleSet } from '../../../../agent/rules/rule-set.ts';

/** An event made of field values. */
export interface TestContext {
  readonly event: { readonly kind: EventKind; readonly type: string };
  readonly process?: { readonly mask: MaskSlot } | undefined;
  readonly values: Readonly<Record<string, FieldResult>>;
}

/** How often each field was read since `resetReads`. */
export const reads = new Map<string, number>();

/** The agent's fields, reading from a TestContext by their name with argument. */
export const testCatalogue: FieldCatalogue<TestContext> = (() => {
  const fields = catalogue.all().map(
    ({ get: _get, ...def }): FieldDef<TestContext> => ({
      ...def,
      get: (context, argument) => {
        const key = argument === undefined ? def.name : `${def.name}[${argument}]`;
        reads.set(key, (reads.get(key) ?? 0) + 1);
        return context.values[key];
      },
    }),
  );
  const byName = new Map(fields.map((field) => [field.name, field]));
  return { find: (name) => byName.get(name), all: () => fields };
})();

export function contextOf(
  values: Readonly<Record<string, FieldResult>>,
  type = 'openat',
  process?: TestContext['process'],
): TestContext {
  const kind = EVENT_KINDS.find((candidate) => (EVENT_TYPES[candidate] as readonly string[]).includes(type)) ?? 'open';
  return { event: { kind, type }, process, values: { 'evt.type': type, ...values } };
}

export function processOf(): { readonly mask: MaskSlot } {
  return { mask: createMaskSlot() };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Compiles files given as their texts: file1.yaml, file2.yaml, ... */
export function compile(
  texts: string | readonly string[],
  options: Partial<CompileOptions> = {},
): CompileResult<TestContext> {
  const files = (typeof texts === 'string' ? [texts] : texts).map((text, place) => ({
    path: `file${place + 1}.yaml`,
    text,
  }));
  return compileRules(files, testCatalogue, { hash: sha256, ...options });
}

/** Errors as lines for people. */
export function errorsOf(texts: string | readonly string[], options: Partial<CompileOptions> = {}): readonly string[] {
  return compile(texts, options).errors.map(formatDiagnostic);
}

export function warningsOf(texts: string | readonly string[]): readonly string[] {
  return compile(texts).warnings.map(formatDiagnostic);
}

/** A rule item with everything that it needs. */
export function rule(name: string, condition: string, more = ''): string {
  const lines = [`- rule: ${name}`, '  desc: d', `  condition: ${condition}`, '  output: o', '  priority: INFO'];
  return `${lines.join('\n')}\n${more === '' ? '' : `  ${more}\n`}`;
}

/** The rule set of rules that must compile. */
export function ruleSetOf(text: string, options: Partial<CompileOptions> = {}): RuleSet<TestContext> {
  const result = compile(text, options);
  if (!result.ok) throw new Error(result.errors.map(formatDiagnostic).join('\n'));
  return result.ruleSet;
}

/** Canonical condition of the first rule. */
export function conditionOf(text: string): string {
  return ruleSetOf(text).rules[0]?.conditionText ?? 'no rule';
}
