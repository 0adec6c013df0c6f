import { type ByteString, bytesToText, textToBytes } from '../events/bytestring.ts';
import type { FieldCatalogue } from '../fields/field.ts';
import type { CheckExpr, ExistsExpr, Expr } from './ast.ts';
import type { Checker } from './check.ts';
import type { CollectedRule } from './collect.ts';
import { atomFields, atomsOf, type Condition } from './condition.ts';
import type { Detail, ErrorCode, Place, WarningCode } from './diagnostics.ts';
import { CODES_MAX, countCodes, type EventSet, inferEvents } from './event-types.ts';
import { addedFields, addedOutput, CONTAINER_INFO, type OutputExtension } from './extend-output.ts';
import { type Format, type FormatResult, formatOf } from './format.ts';
import { exprKey } from './print.ts';
import { DEFAULT_SOURCE } from './read-rule.ts';
import { resolveFieldText } from './resolve-field.ts';
import type { CompiledRule, ExtraField } from './rule-set.ts';
import { placeOf, type SourceText } from './source-text.ts';
import { type ConditionWarning, constantWarnings, DEPRECATED_FIELDS, leavesOf, usageWarnings } from './warnings.ts';

/** A rule that compiled, before it is known whether it is selected. */
export type RuleDraft<C> = Omit<CompiledRule<C>, 'active' | 'conditionText' | 'handles'>;

export type WarnAt = (code: WarningCode, detail: Detail, place: Place) => void;
export type FailAt = (code: ErrorCode, detail: Detail, place: Place) => void;

export interface CompiledOutput<C> {
  readonly output: string;
  readonly format: Format<C>;
  readonly extraFields: readonly ExtraField<C>[];
}

/** What a resolved condition comes to; kept, for a condition is compiled again after every file. */
type Outcome<C> =
  | {
      readonly kind: 'good';
      readonly condition: Condition<C>;
      readonly events: EventSet;
      readonly warnings: readonly ConditionWarning[];
    }
  | {
      readonly kind: 'bad';
      readonly skippable: boolean;
      readonly usage: readonly ConditionWarning[];
      readonly faults: readonly (Detail & { readonly expr: CheckExpr | ExistsExpr; readonly at: number })[];
    };

/** Compiles single rules, whose conditions are resolved. */
export class RuleCompiler<C> {
  private readonly catalogue: FieldCatalogue<C>;
  private readonly checker: Checker<C>;
  private readonly extensions: readonly OutputExtension[];
  private readonly placeOfLeaf: (leaf: CheckExpr | ExistsExpr, at: number) => Place | undefined;
  private readonly formats = new Map<ByteString, FormatResult<C>>();
  private readonly outcomes = new WeakMap<Expr, Outcome<C>>();

  constructor(
    catalogue: FieldCatalogue<C>,
    checker: Checker<C>,
    extensions: readonly OutputExtension[],
    placeOfLeaf: (leaf: CheckExpr | ExistsExpr, at: number) => Place | undefined,
  ) {
    this.catalogue = catalogue;
    this.checker = checker;
    this.extensions = extensions;
    this.placeOfLeaf = placeOfLeaf;
  }

  /** The rule's output with what configuration adds; 'skip' if the rule asked to be left out for an unknown field. */
  output(rule: CollectedRule, warn: WarnAt, fail: FailAt): CompiledOutput<C> | 'skip' | 'fail' {
    const own = rule.output.read();
    const extendable = { name: bytesToText(rule.name), source: rule.source, tags: rule.tags };
    let template = own.text + textToBytes(addedOutput(extendable, this.extensions, this.catalogue));
    if (template.includes(CONTAINER_INFO)) {
      const message = `${CONTAINER_INFO} stands for nothing any more: name the container fields that are wanted`;
      warn('LOAD_DEPRECATED_ITEM', { message }, own.place(Math.max(own.text.indexOf(CONTAINER_INFO), 0)));
      template = template.replaceAll(CONTAINER_INFO, '');
    }
    const result = this.format(template);
    if (!result.ok) {
      const place = own.place(Math.min(result.at, own.text.length));
      const detail = { message: result.error, ...(result.nearest === undefined ? {} : { nearest: result.nearest }) };
      if (result.unknown && rule.skipIfUnknownFilter) {
        warn('LOAD_UNKNOWN_FILTER', detail, place);
        return 'skip';
      }
      fail('LOAD_ERR_COMPILE_OUTPUT', detail, place);
      return 'fail';
    }
    warnDeprecated(template, own, warn);
    this.warnUnavailable(result.format, own, warn);
    const extraFields = this.extraFields(rule, own, warn, fail);
    return extraFields === undefined ? 'fail' : { output: result.format.template, format: result.format, extraFields };
  }

  /** The rule, unless its output or its condition is wrong; both are told. */
  rule(
    rule: CollectedRule,
    output: CompiledOutput<C> | 'fail',
    expr: Expr,
    text: SourceText,
    warn: WarnAt,
    fail: FailAt,
  ): RuleDraft<C> | undefined {
    const outcome = this.outcome(expr, rule.source === DEFAULT_SOURCE);
    const placeOfExpr = (leaf: CheckExpr | ExistsExpr | undefined, at = leaf?.at ?? 0): Place =>
      (leaf === undefined ? undefined : this.placeOfLeaf(leaf, at)) ?? text.place(0);
    if (outcome.kind === 'bad') {
      for (const { code, message, expr: leaf } of outcome.usage) warn(code, { message }, placeOfExpr(leaf));
      const [first] = outcome.faults;
      if (outcome.skippable && rule.skipIfUnknownFilter && first !== undefined) {
        warn('LOAD_UNKNOWN_FILTER', detailOf(first), placeOfExpr(first.expr, first.at));
      } else {
        for (const fault of outcome.faults)
          fail('LOAD_ERR_COMPILE_CONDITION', detailOf(fault), placeOfExpr(fault.expr, fault.at));
      }
      return undefined;
    }
    if (output === 'fail') return undefined;
    for (const { code, message, expr: leaf } of outcome.warnings) warn(code, { message }, placeOfExpr(leaf));
    if (rule.source === DEFAULT_SOURCE && rule.warnEventTypes && countCodes(outcome.events) > CODES_MAX) {
      const message = 'the rule is tried for nearly every kind of event, which is slow: compare evt.type';
      warn('LOAD_NO_EVTTYPE', { message }, placeOf(rule.span));
    }
    return { ...this.facts(rule), ...output, expr, condition: outcome.condition, events: outcome.events };
  }

  private facts(rule: CollectedRule): Omit<RuleDraft<C>, keyof CompiledOutput<C> | 'expr' | 'condition' | 'events'> {
    return {
      name: bytesToText(rule.name),
      desc: bytesToText(rule.desc),
      priority: rule.priority,
      tags: [...rule.tags].sort().map(bytesToText),
      source: bytesToText(rule.source),
      enabled: rule.enabled,
      exceptions: [...rule.exceptions.values()]
        .filter(({ values }) => values.length > 0)
        .map(({ name }) => bytesToText(name)),
      capture: rule.capture,
      captureDurationMs: rule.captureDurationMs,
      place: placeOf(rule.span),
    };
  }

  /** Fields of the output that this build can never give. */
  private warnUnavailable(format: Format<C>, output: SourceText, warn: WarnAt): void {
    for (const key of format.fields) {
      const resolved = resolveFieldText(this.catalogue, key);
      if (!resolved.ok || resolved.def.unavailable === undefined) continue;
      const message = `'${resolved.def.name}' in the output never has a value here: ${resolved.def.unavailable}`;
      warn('NOTE_UNAVAILABLE_FIELD', { message }, output.place(Math.max(output.text.indexOf(key), 0)));
    }
  }

  private format(template: ByteString): FormatResult<C> {
    const known = this.formats.get(template);
    if (known !== undefined) return known;
    const result = ruleFormat(template, this.catalogue, this.checker);
    this.formats.set(template, result);
    return result;
  }

  private outcome(expr: Expr, syscalls: boolean): Outcome<C> {
    const known = this.outcomes.get(expr);
    if (known !== undefined) return known;
    const outcome = this.compileCondition(expr, syscalls);
    this.outcomes.set(expr, outcome);
    return outcome;
  }

  private compileCondition(expr: Expr, syscalls: boolean): Outcome<C> {
    const leaves = leavesOf(expr);
    const usage = usageWarnings(leaves);
    const checked = this.checker.check(expr);
    if (!checked.ok) {
      return { kind: 'bad', usage, faults: checked.faults, skippable: checked.faults[0]?.unknown === true };
    }
    const inferred = syscalls ? inferEvents(expr) : undefined;
    if (inferred?.ok === false) {
      const fault = { message: inferred.error, expr: inferred.expr, at: inferred.expr.at };
      return { kind: 'bad', usage, faults: [fault], skippable: false };
    }
    const events: EventSet = inferred?.events ?? { mode: 'all-except', names: new Set() };
    const warnings = [
      ...usage,
      ...constantWarnings(leaves, this.catalogue),
      ...noteWarnings(checked.condition, leaves),
    ];
    return { kind: 'good', condition: checked.condition, events, warnings };
  }

  private extraFields(
    rule: CollectedRule,
    own: SourceText,
    warn: WarnAt,
    fail: FailAt,
  ): readonly ExtraField<C>[] | undefined {
    const extendable = { name: bytesToText(rule.name), source: rule.source, tags: rule.tags };
    const fields: ExtraField<C>[] = [];
    for (const { key, template, raw } of addedFields(extendable, this.extensions)) {
      const result = this.format(textToBytes(template));
      if (!result.ok) {
        fail('LOAD_ERR_COMPILE_OUTPUT', { message: `extra field '${key}': ${result.error}` }, own.place(0));
        return undefined;
      }
      warnDeprecated(template, own, warn);
      fields.push({ key, format: result.format, raw });
    }
    return fields;
  }
}

/** Rules' outputs are filled in whatever is absent, which a star in front says; one of their own is text. */
function ruleFormat<C>(template: ByteString, catalogue: FieldCatalogue<C>, checker: Checker<C>): FormatResult<C> {
  if (template === '') return formatOf(template, catalogue, checker);
  const result = formatOf(`*${template}`, catalogue, checker);
  return result.ok ? result : { ...result, at: result.at - 1 };
}

function warnDeprecated(template: ByteString, output: SourceText, warn: WarnAt): void {
  for (const field of DEPRECATED_FIELDS) {
    if (!template.includes(field)) continue;
    const message = `'${field}' in the output tells nothing any more and will go`;
    warn('LOAD_DEPRECATED_ITEM', { message }, output.place(Math.max(output.text.indexOf(field), 0)));
  }
}

/** What upstream has no words for: fields that this build can never give, comparisons that can never be true. */
function noteWarnings<C>(
  condition: Condition<C>,
  leaves: readonly (CheckExpr | ExistsExpr)[],
): readonly ConditionWarning[] {
  let byKey: Map<string, CheckExpr | ExistsExpr> | undefined;
  const leafOf = (key: string): { readonly expr?: CheckExpr | ExistsExpr } => {
    byKey ??= new Map([...leaves].reverse().map((leaf) => [exprKey(leaf), leaf]));
    const expr = byKey.get(key);
    return expr === undefined ? {} : { expr };
  };
  const messages = new Map<string, ConditionWarning>();
  for (const atom of atomsOf(condition)) {
    if (atom.test.kind === 'never') {
      const message = `'${atom.text}' is never true: ${atom.test.reason}`;
      messages.set(message, { code: 'NOTE_NEVER_MATCHES', message, ...leafOf(atom.key) });
    }
    for (const { def } of atomFields(atom)) {
      if (def.unavailable === undefined) continue;
      const message = `'${def.name}' never has a value here: ${def.unavailable}`;
      if (messages.has(message)) continue;
      messages.set(message, { code: 'NOTE_UNAVAILABLE_FIELD', message, ...leafOf(atom.key) });
    }
  }
  return [...messages.values()];
}

function detailOf({ message, expected, nearest }: Detail): Detail {
  return { message, ...(expected === undefined ? {} : { expected }), ...(nearest === undefined ? {} : { nearest }) };
}
