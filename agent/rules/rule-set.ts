import type { Priority } from '../events/alert.ts';
import type { Plan } from '../events/plan.ts';
import type { Expr } from './ast.ts';
import type { Condition } from './condition.ts';
import type { Place, RuleWarning } from './diagnostics.ts';
import type { Program } from './emit/program.ts';
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
  readonly active: readonly CompiledRule<C>[];
  /** SHA-256 (hex) of what the active rules say: equal digests raise equal alerts. */
  readonly digest: string;
  readonly warnings: readonly RuleWarning[];
  /** Every evt.type name that the event table knows. */
  readonly eventTypes: readonly string[];
  /** What must be collected for the active rules; made at the first call. */
  plan(): Plan;
  /** Generated functions of the active rules, in the order of `active`; made at the first call. */
  program(): Program<C>;
}
