import type { Priority } from '../events/alert.ts';
import type { Plan } from '../events/plan.ts';
import type { Steps } from '../lib/steps.ts';
import type { Expr } from './ast.ts';
import type { Condition } from './condition.ts';
import type { Place, RuleWarning } from './diagnostics.ts';
import type { EventSet } from './event-types.ts';
import type { Format } from './format.ts';

/** A rule that compiled. Texts are Unicode. */
export interface CompiledRule<C> {
  readonly name: string;
  readonly desc: string;
  readonly priority: Priority;
  /** Sorted. */
  readonly tags: readonly string[];
  readonly source: string;
  /** As the rule files say. */
  readonly enabled: boolean;
  /** Enabled after selection, and at least as urgent as the threshold: only such rules match. */
  readonly active: boolean;
  /** The output template with everything that was appended to it. */
  readonly output: string;
  readonly format: Format<C>;
  /** Further output fields by configuration: key and value. */
  readonly extraFields: readonly ExtraField<C>[];
  /** Canonical text after lists, macros and exceptions were put in. */
  readonly conditionText: string;
  readonly expr: Expr;
  readonly condition: Condition<C>;
  /** evt.type names for which the condition is evaluated. */
  readonly events: EventSet;
  /** Whether the condition is evaluated for events of this evt.type. */
  handles(type: string): boolean;
  /**
   * Names of the exceptions that have values, in order. Where there are some, the condition is an `and` of the rule's own
   * condition and the negation of each.
   */
  readonly exceptions: readonly string[];
  readonly capture: boolean;
  readonly captureDurationMs: number;
  /** Where the rule is defined. */
  readonly place: Place;
}

export interface ExtraField<C> {
  readonly key: string;
  readonly format: Format<C>;
  /** The plain field's typed value instead of the template's text. */
  readonly raw: boolean;
}

/** All rules that compiled, in order of first definition, and what follows from them. */
export interface RuleSet<C> {
  readonly rules: readonly CompiledRule<C>[];
  /** In the order in which they are tried: of definition, then what configuration switched on again. */
  readonly active: readonly CompiledRule<C>[];
  /** SHA-256 (hex) of what the active rules say: equal digests raise equal alerts. */
  readonly digest: string;
  readonly warnings: readonly RuleWarning[];
  /** What must be collected for the active rules; made at the first call. */
  plan(): Plan;
  /** The active rules by evt.type; made at the first call. */
  buckets(): Buckets<C>;
  /** Makes all that is else made when it is first asked for. */
  prepare(): Steps<void>;
}

/** The rules that events of some types are evaluated for, in order of definition. */
export interface Bucket<C> {
  readonly index: number;
  readonly rules: readonly CompiledRule<C>[];
  /** Generated functions; made at the first call. */
  program(): BucketProgram<C>;
  /** Makes them. */
  prepare(): Steps<void>;
}

export interface Buckets<C> {
  readonly byType: ReadonlyMap<string, Bucket<C>>;
  /** For events whose type no table knows. */
  readonly unknown: Bucket<C>;
  readonly count: number;
}

/** Functions by the place of a rule in its bucket, and masks with a bit for each place. */
export interface BucketProgram<C> {
  /** Opens the next event: from here on all functions must be given the same context in the same state. */
  begin(): void;
  readonly conditions: readonly ((context: C) => boolean)[];
  /** False if the process of the context cannot match at all, until it changes; absent = any process can. */
  readonly possibilities: readonly (((context: C) => boolean) | undefined)[];
  readonly all: Int32Array;
  /** Rules that can still match, by a few comparisons; undefined = not worth it. Masks without words have no rule. */
  readonly signature: { mask(context: C): Int32Array } | undefined;
  /** Rules that can still match, by the value of one field of the event. */
  readonly key: { mask(context: C): Int32Array } | undefined;
  /** Rules that the process can still match, by the value of one field of it. */
  readonly stableKey: { mask(context: C): Int32Array } | undefined;
  readonly source: string;
}
