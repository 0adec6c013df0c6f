import type { Alert, AlertSample, EnvelopeBody, FieldJson } from '../events/alert.ts';
import { greatest } from '../lib/bigint.ts';

/** What of alerts is put together, and for how long. */
export interface Grouping {
  readonly windowMs: number;
  /** Fields whose values must be the same, beside the rule. */
  readonly key: readonly string[];
}

export interface AggregationOptions {
  /** Undefined: alerts of the rule go out one by one. */
  readonly groupingOf: (rule: string) => Grouping | undefined;
  /** Texts that the record keeps of the alerts that it stands for. */
  readonly samples: number;
}

/** Alerts of one rule and key since the first of them went out. */
export interface OpenAggregate {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Uuid of the alert that went out at once. */
  readonly firstUuid: string;
  /** The next one, which stands for all that came since; undefined = none came. */
  readonly alert: Alert | undefined;
  readonly count: number;
  readonly lastNs: bigint;
  readonly samples: readonly AlertSample[];
}

/** What a batch of records becomes. Nothing has changed until `apply`: the transaction may fail. */
export interface Aggregated {
  readonly bodies: readonly EnvelopeBody[];
  readonly changed: readonly OpenAggregate[];
  readonly ended: readonly string[];
  apply(): void;
}

/** More rules and keys than these at once go out one by one. */
const OPEN_MAX = 10_000;

/**
 * Aggregation without silence: of alerts with the same rule and key within a window the first goes out at once, the rest
 * as one record when the window ends. What is open is kept by the caller, and given back to `restore` at the next start.
 */
export class Aggregator {
  private readonly options: AggregationOptions;
  private readonly open = new Map<string, OpenAggregate>();
  private nextEndMs = Number.POSITIVE_INFINITY;

  constructor(options: AggregationOptions) {
    this.options = options;
  }

  get size(): number {
    return this.open.size;
  }

  restore(aggregates: readonly OpenAggregate[]): void {
    for (const aggregate of aggregates) this.put(aggregate);
  }

  all(): readonly OpenAggregate[] {
    return [...this.open.values()];
  }

  /** Some window has ended. */
  isDue(nowMs: number): boolean {
    return nowMs >= this.nextEndMs;
  }

  /** Takes a batch; ends what is due, and all with `nowMs` = Infinity. */
  take(bodies: readonly EnvelopeBody[], nowMs: number): Aggregated {
    const draft = new Draft(this.open, this.options, nowMs);
    if (this.isDue(nowMs)) for (const aggregate of this.open.values()) draft.endIfDue(aggregate);
    for (const body of bodies) draft.add(body);
    return { ...draft.result(), apply: () => this.apply(draft) };
  }

  private apply(draft: Draft): void {
    for (const key of draft.ended) this.open.delete(key);
    for (const aggregate of draft.changed.values()) this.put(aggregate);
    if (draft.ended.size > 0) this.nextEndMs = Math.min(...this.all().map(({ endMs }) => endMs));
  }

  private put(aggregate: OpenAggregate): void {
    this.open.set(aggregate.key, aggregate);
    this.nextEndMs = Math.min(this.nextEndMs, aggregate.endMs);
  }
}

class Draft {
  readonly changed = new Map<string, OpenAggregate>();
  readonly ended = new Set<string>();
  private readonly open: ReadonlyMap<string, OpenAggregate>;
  private readonly options: AggregationOptions;
  private readonly nowMs: number;
  private readonly bodies: EnvelopeBody[] = [];

  constructor(open: ReadonlyMap<string, OpenAggregate>, options: AggregationOptions, nowMs: number) {
    this.open = open;
    this.options = options;
    this.nowMs = nowMs;
  }

  result() {
    return { bodies: this.bodies, changed: [...this.changed.values()], ended: [...this.ended] };
  }

  /** A clock that was set back does not keep a window open for longer. */
  endIfDue(aggregate: OpenAggregate): void {
    if (this.nowMs < aggregate.endMs && this.nowMs >= aggregate.startMs) return;
    this.ended.add(aggregate.key);
    this.changed.delete(aggregate.key);
    if (aggregate.alert !== undefined)
      this.bodies.push({ type: 'alert', alert: summaryOf(aggregate, aggregate.alert) });
  }

  add(body: EnvelopeBody): void {
    const grouping = body.type === 'alert' ? this.options.groupingOf(body.alert.rule) : undefined;
    if (body.type !== 'alert' || grouping === undefined) {
      this.bodies.push(body);
      return;
    }
    const key = keyOf(body.alert, grouping.key);
    const known = this.changed.get(key) ?? (this.ended.has(key) ? undefined : this.open.get(key));
    if (known === undefined) this.begin(key, body.alert, grouping);
    else this.changed.set(key, joined(known, body.alert, this.options.samples));
  }

  private begin(key: string, alert: Alert, { windowMs }: Grouping): void {
    this.bodies.push({ type: 'alert', alert });
    if (this.open.size + this.changed.size >= OPEN_MAX) return;
    const endMs = this.nowMs + windowMs;
    const { uuid: firstUuid, lastNs } = alert;
    this.changed.set(key, {
      key,
      startMs: this.nowMs,
      endMs,
      firstUuid,
      alert: undefined,
      count: 0,
      lastNs,
      samples: [],
    });
  }
}

function keyOf({ rule, context, outputFields }: Alert, fields: readonly string[]): string {
  const value = (field: string): FieldJson => context[field] ?? outputFields[field] ?? null;
  return JSON.stringify([rule, ...fields.map(value)], (_, item) => (typeof item === 'bigint' ? `${item}` : item));
}

function joined(aggregate: OpenAggregate, alert: Alert, samplesMax: number): OpenAggregate {
  const { uuid, timeNs, output, lastNs } = alert;
  const { samples } = aggregate;
  return {
    ...aggregate,
    alert: aggregate.alert ?? alert,
    count: aggregate.count + alert.count,
    lastNs: greatest(lastNs, aggregate.lastNs),
    samples: samples.length < samplesMax ? [...samples, { uuid, timeNs, output }] : samples,
  };
}

/** The record of all but the first. It is the second alert itself, so that its uuid is one of an event. */
function summaryOf({ firstUuid, count, lastNs, samples }: OpenAggregate, alert: Alert): Alert {
  if (count === alert.count) return alert;
  return {
    ...alert,
    output: `${alert.output} [${count} like it, the last at ${clockTime(lastNs)}]`,
    count,
    lastNs,
    samples,
    aggregateOf: firstUuid,
  };
}

function clockTime(timeNs: bigint): string {
  return new Date(Number(timeNs / 1_000_000n)).toISOString().slice(11, 19);
}
