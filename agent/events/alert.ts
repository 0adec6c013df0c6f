import type { Gap } from './gap.ts';

/** Falco's priorities, most urgent first; the index is the syslog severity (0..7). */
export const PRIORITIES = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const;
export type Priority = (typeof PRIORITIES)[number];

/** A field's value as it leaves the process: Unicode text, numbers, null for absent. bigint for 64-bit times. */
export type FieldJson = string | number | bigint | boolean | null | readonly FieldJson[];

/** Who a process is: host pid and start time (ns since boot) are its identity on one boot. */
export interface ProcessEntity {
  readonly pid: number;
  readonly startNs: bigint;
  readonly name: string;
  readonly exePath: string;
  readonly cmdline: string;
}

/**
 * One match of one rule, ready to leave. All text is Unicode (not byte strings), secrets are already masked.
 * Times are ns since 1970 (wall clock).
 */
export interface Alert {
  /** UUID (version 8) from boot id, cpu, lane, event sequence and rule: the same event read again gives the same. */
  readonly uuid: string;
  readonly timeNs: bigint;
  readonly raisedNs: bigint;
  readonly rule: string;
  /** SHA-256 (hex) of the rule set that raised it. */
  readonly ruleSetDigest: string;
  readonly priority: Priority;
  readonly source: string;
  readonly tags: readonly string[];
  readonly hostname: string;
  /** Falco's text line: time, priority, message. */
  readonly output: string;
  /** The fields of the rule's output, keyed as written there. */
  readonly outputFields: Readonly<Record<string, FieldJson>>;
  /** Every field that has a value for this event, keyed by its canonical name. */
  readonly context: Readonly<Record<string, FieldJson>>;
  /** Canonical text of the atoms of the condition that were true. */
  readonly matched: readonly string[];
  readonly process?: ProcessEntity;
  /** Parent first. */
  readonly ancestors: readonly ProcessEntity[];
  /** 'complete', or why it may lack something: ids of gaps, flags of the event. */
  readonly completeness: 'complete' | readonly string[];
  /** Names of fields in which a secret was masked. */
  readonly redactions: readonly string[];
  /** Aggregation: how many events this record stands for and when the first and last were. */
  readonly count: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Some of the alerts that the record stands for, oldest first; only of aggregated ones. */
  readonly samples?: readonly AlertSample[];
  /** Uuid of the alert that went out before this aggregate; only of aggregated ones. */
  readonly aggregateOf?: string;
}

/** What an aggregate keeps of one alert. */
export interface AlertSample {
  readonly uuid: string;
  readonly timeNs: bigint;
  readonly output: string;
}

/** What became known about an alert after it left. */
export interface Amendment {
  /** The alert's. */
  readonly uuid: string;
  /** From 1 for each alert; a later one replaces what an earlier one says about the same field. */
  readonly revision: number;
  readonly timeNs: bigint;
  /** Fields that changed, with their values now: keys of the alert's `context`, or of its `outputFields`, or of both. */
  readonly context: Readonly<Record<string, FieldJson>>;
}

/** The alert as it is once an amendment is known. */
export function amended(alert: Alert, { context }: Pick<Amendment, 'context'>): Alert {
  const shown = Object.entries(context).filter(([key]) => key in alert.outputFields);
  return {
    ...alert,
    context: { ...alert.context, ...context },
    outputFields: { ...alert.outputFields, ...Object.fromEntries(shown) },
  };
}

/** What the spool takes and the stream carries, before it gets its sequence. */
export type EnvelopeBody =
  | { readonly type: 'alert'; readonly alert: Alert }
  | { readonly type: 'amendment'; readonly amendment: Amendment }
  | { readonly type: 'gap'; readonly gap: Gap }
  | { readonly type: 'heartbeat'; readonly heartbeat: Heartbeat };

/** Sent every few seconds, so that silence of a node is itself noticed. */
export interface Heartbeat {
  readonly timeNs: bigint;
  readonly version: string;
  readonly ruleSetDigest: string;
  readonly hookPlan: string;
  readonly kinds: readonly string[];
  readonly produced: bigint;
  readonly lost: bigint;
  /** Until the next one. */
  readonly intervalMs?: number;
}
