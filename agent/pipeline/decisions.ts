import type { ByteString } from '../events/bytestring.ts';
import type { Event } from '../events/event.ts';
import type { ContainerIdentity } from '../events/process.ts';
import type { MatchContext } from '../fields/context.ts';
import { Fifo } from '../lib/fifo.ts';
import { decide } from '../rules/pending.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import { SecondBudget } from '../state/second-budget.ts';
import { type KeptContext, keepContext } from './copy-context.ts';
import { createLateRules, type LateRules, type Rule } from './late-rules.ts';

export interface DecisionsOptions {
  readonly matching: 'all' | 'first';
  /** How long a decision waits, ms; 0: it does not. */
  readonly waitMs: number;
  readonly nowMs: () => number;
  /** The event that is being looked at, kept; undefined where that cannot be done. */
  readonly keepEvent: () => Event | undefined;
  /** The event's container, as far as it is known now. */
  readonly container: (event: Event) => ContainerIdentity | undefined;
  /** A decision that waited was made for the rule; `incomplete`: without what it waited for. */
  readonly onMatch: (rule: Rule, context: KeptContext, digest: string, incomplete: boolean) => void;
}

export interface DecisionCounts {
  /** Events that wait now. */
  waiting: number;
  held: number;
  /** Of these, decided without what they waited for. */
  incomplete: number;
  /** Would have had to wait, and were decided at once because too many did. */
  notHeld: number;
}

/** One event whose rules wait. */
interface Held {
  readonly context: KeptContext;
  readonly rules: readonly Rule[];
  readonly ruleSet: RuleSet<MatchContext>;
  readonly untilMs: number;
  /** '' while the container itself is not known. */
  fullId: ByteString;
  done: boolean;
}

/** Events that wait at once; each takes some 10 kB. */
const WAITING_MAX = 1024;
/** Three-valued evaluation costs some 10 us an event: so many a second are a tenth of a core. */
const EVENTS_PER_SECOND = 10_000;
/** Cgroups whose container could not be told, not waited for again. */
const HOPELESS_MAX = 4096;
const UNKNOWN = '';

/**
 * Rules whose outcome hangs on what is not known yet of a container. A rule that is decided whatever comes is decided at
 * once; the others wait for the answer, for a bounded time, over copies of the event and its processes.
 */
export class Decisions {
  readonly counts: DecisionCounts = { waiting: 0, held: 0, incomplete: 0, notHeld: 0 };
  private readonly options: DecisionsOptions;
  private readonly budget = new SecondBudget(EVENTS_PER_SECOND);
  private readonly order = new Fifo<Held>();
  private readonly byContainer = new Map<ByteString, Set<Held>>();
  private readonly hopeless = new Set<Event['cgroupId']>();
  private late: { readonly ruleSet: RuleSet<MatchContext>; readonly rules: LateRules } | undefined;

  constructor(options: DecisionsOptions) {
    this.options = options;
  }

  /** The rules of those that matched (with what is pending counted as absent) whose match stands; the others wait. */
  settled(context: MatchContext, matched: readonly Rule[], ruleSet: RuleSet<MatchContext>): readonly Rule[] {
    const { process, event } = context;
    if (process === undefined || this.options.waitMs === 0) return matched;
    const { container } = process;
    if (container !== undefined && container.isPending !== true) return matched;
    if (container === undefined && (event.cgroupId === 0 || this.hopeless.has(event.cgroupId))) return matched;
    const asked = this.rulesOf(ruleSet).of(event.type, container === undefined ? 'identity' : 'details');
    if (asked.length === 0) return matched;
    if (this.counts.waiting >= WAITING_MAX || !this.budget.take(event.bootTime)) {
      this.counts.notHeld++;
      return matched;
    }
    const open = asked.filter((rule) => !decide(rule.condition, context).settled);
    if (open.length === 0) return matched;
    const first = this.options.matching === 'first';
    if (first && !comesBefore(open, matched[0], ruleSet)) return matched;
    const kept = this.options.keepEvent();
    if (kept === undefined) return matched;
    // With one alert an event, the match that is certain waits for those before it.
    const rules = first ? inOrder([...open, ...matched], ruleSet) : open;
    this.hold(keepContext(context, process, kept), rules, ruleSet, container?.fullId ?? UNKNOWN);
    return first ? [] : matched.filter((rule) => !open.includes(rule));
  }

  /** More is known of the container, or nobody knows more. */
  arrived(fullId: ByteString): void {
    for (const held of [...(this.byContainer.get(fullId) ?? [])]) {
      const container = this.options.container(held.context.event);
      if (container?.isPending !== true) this.decide(held, container, container === undefined);
    }
  }

  /** Decides what has waited long enough, and looks for containers that were not known at all. */
  tick(): void {
    const nowMs = this.options.nowMs();
    for (const held of [...(this.byContainer.get(UNKNOWN) ?? [])]) this.lookAgain(held);
    for (let held = this.order.peek(); held !== undefined; held = this.order.peek()) {
      if (!held.done && held.untilMs > nowMs) break;
      this.order.shift();
      if (!held.done) this.expire(held);
    }
  }

  /** Decides all that waits. */
  end(): void {
    for (let held = this.order.shift(); held !== undefined; held = this.order.shift())
      if (!held.done) this.expire(held);
  }

  private rulesOf(ruleSet: RuleSet<MatchContext>): LateRules {
    if (this.late?.ruleSet !== ruleSet) this.late = { ruleSet, rules: createLateRules(ruleSet) };
    return this.late.rules;
  }

  private hold(context: KeptContext, rules: readonly Rule[], ruleSet: RuleSet<MatchContext>, fullId: ByteString): void {
    const held: Held = {
      context,
      rules,
      ruleSet,
      untilMs: this.options.nowMs() + this.options.waitMs,
      fullId,
      done: false,
    };
    this.order.push(held);
    this.file(held);
    this.counts.held++;
    this.counts.waiting++;
  }

  private file(held: Held): void {
    const known = this.byContainer.get(held.fullId);
    if (known === undefined) this.byContainer.set(held.fullId, new Set([held]));
    else known.add(held);
  }

  private takeOut(held: Held): void {
    const known = this.byContainer.get(held.fullId);
    known?.delete(held);
    if (known?.size === 0) this.byContainer.delete(held.fullId);
  }

  private lookAgain(held: Held): void {
    const container = this.options.container(held.context.event);
    if (container === undefined) return;
    if (container.isPending !== true) {
      this.decide(held, container, false);
      return;
    }
    this.takeOut(held);
    held.fullId = container.fullId;
    held.context.process.container = container;
    this.file(held);
  }

  private expire(held: Held): void {
    const { event } = held.context;
    const container = this.options.container(event);
    if (container === undefined) {
      if (this.hopeless.size >= HOPELESS_MAX) this.hopeless.clear();
      this.hopeless.add(event.cgroupId);
    }
    this.decide(held, container, true);
  }

  private decide(held: Held, container: ContainerIdentity | undefined, incomplete: boolean): void {
    held.done = true;
    this.takeOut(held);
    this.counts.waiting--;
    if (incomplete) this.counts.incomplete++;
    const { context, rules, ruleSet } = held;
    context.process.container = container ?? context.process.container;
    for (const rule of rules) {
      const { holds, settled } = decide(rule.condition, context);
      if (!holds) continue;
      this.options.onMatch(rule, context, ruleSet.digest, incomplete && !settled);
      if (this.options.matching === 'first') return;
    }
  }
}

function inOrder(rules: readonly Rule[], { active }: RuleSet<MatchContext>): readonly Rule[] {
  const chosen = new Set(rules);
  return active.filter((rule) => chosen.has(rule));
}

/** Whether one of the open rules is tried before (or is) the one that matched. */
function comesBefore(open: readonly Rule[], matched: Rule | undefined, ruleSet: RuleSet<MatchContext>): boolean {
  if (matched === undefined) return true;
  const [first] = inOrder([...open, matched], ruleSet);
  return first !== undefined && open.includes(first);
}
