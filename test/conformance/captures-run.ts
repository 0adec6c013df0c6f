import { catalogue } from '../../agent/fields/catalogue.ts';
import type { MatchContext } from '../../agent/fields/context.ts';
import { createMatcher } from '../../agent/match/matcher.ts';
import { readScapContexts } from '../../agent/pipeline/scap.ts';
import { compileFormat, type Format } from '../../agent/rules/format.ts';
import type { RuleSet } from '../../agent/rules/rule-set.ts';
import { type Deviation, type Difference, isMeant } from './captures-differences.ts';
import {
  type ExpectedAlert,
  type ExpectedRows,
  type Fields,
  readAlerts,
  readRows,
  rowKey,
} from './captures-expected.ts';

export interface Failure {
  readonly what: string;
  readonly field: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export interface CaptureOutcome {
  passed: number;
  /** Differences that are meant, by their reason. */
  readonly meant: Map<string, number>;
  readonly failures: Failure[];
}

/** evt.num and evt.dir are not compared: the peer counts enter events too. */
const LEFT_OUT: ReadonlySet<string> = new Set(['evt.num', 'evt.dir', 'evt.rawtime']);
const WORLD = { services: new Map<number, string>(), utcOffsetMinutes: () => 0 };

/** Replays `BASE.scap` and compares alerts and fields with those of a peer. */
export async function runCapture(
  base: string,
  ruleSet: RuleSet<MatchContext>,
  differences: readonly Difference[],
): Promise<CaptureOutcome> {
  const comparison = new Comparison(
    readRows(`${base}.fields.jsonl.gz`),
    readAlerts(`${base}.alerts.json`),
    differences,
    ruleSet,
  );
  const matcher = createMatcher(ruleSet, { matching: 'all' });
  const { error } = await readScapContexts(`${base}.scap`, WORLD, (context) => {
    comparison.event(context);
    for (const rule of matcher.match(context)) {
      comparison.alert(rule.name, context, rule.format.values(context));
    }
  });
  if (error !== undefined) comparison.fail('the capture is read to its end', '', 'no error', error);
  return comparison.finish();
}

const NO_FIELDS = { values: () => ({}) };

function formatOf(names: readonly string[]): Pick<Format<MatchContext>, 'values'> | undefined {
  if (names.length === 0) return undefined;
  const compiled = compileFormat(names.map((name) => `%${name}`).join(' '), catalogue);
  if (!compiled.ok) throw new Error(`the peer has a field that we have not: ${compiled.error}`);
  return compiled.format;
}

/** What decides whether a process is in a container. */
const CONTAINER = formatOf(['container.id', 'proc.pid', 'proc.vpid']) ?? NO_FIELDS;

class Comparison {
  readonly #outcome: CaptureOutcome = { passed: 0, meant: new Map(), failures: [] };
  readonly #rows: ExpectedRows;
  readonly #alerts = new Map<string, ExpectedAlert[]>();
  readonly #differences: readonly Difference[];
  readonly #ruleSet: RuleSet<MatchContext>;
  readonly #format: Pick<Format<MatchContext>, 'values'>;

  constructor(
    rows: ExpectedRows,
    alerts: readonly ExpectedAlert[],
    differences: readonly Difference[],
    ruleSet: RuleSet<MatchContext>,
  ) {
    this.#rows = rows;
    this.#ruleSet = ruleSet;
    this.#differences = differences;
    for (const alert of alerts) {
      const key = `${alert.timeNs} ${alert.rule}`;
      this.#alerts.set(key, [...(this.#alerts.get(key) ?? []), alert]);
    }
    const [first] = rows.values();
    const names = Object.keys(first?.[0] ?? { 'evt.type': '' }).filter((name) => !LEFT_OUT.has(name));
    this.#format = formatOf(names) ?? NO_FIELDS;
  }

  event(context: MatchContext): void {
    const { event } = context;
    const key = rowKey(event.timeNs, event.tid, event.type);
    const rows = this.#rows.get(key);
    const row = rows?.shift();
    if (rows === undefined || row === undefined) return;
    if (rows.length === 0) this.#rows.delete(key);
    this.#compare(key, event.type, row, this.#format.values(context), row);
  }

  alert(rule: string, context: MatchContext, values: Readonly<Record<string, unknown>>): void {
    const { event } = context;
    const key = `${event.timeNs} ${rule}`;
    const here = this.#alerts.get(key)?.shift();
    const atEnter = this.#alerts.get(`${event.recorded?.beganNs} ${rule}`)?.shift();
    const expected = here ?? atEnter;
    if (expected === undefined) {
      this.#judge(`alert ${key}`, 'alert', {
        expected: null,
        found: rule,
        type: event.type,
        row: {},
        ours: { ...values, ...this.#aboutRule(rule), ...CONTAINER.values(context) },
      });
      return;
    }
    const what = `alert ${key}`;
    if (here !== undefined) this.#outcome.passed++;
    if (atEnter !== undefined) {
      this.#judge(what, 'alert.time', {
        expected: String(atEnter.timeNs),
        found: String(event.timeNs),
        type: event.type,
        row: atEnter.fields,
        ours: { beganNs: String(event.recorded?.beganNs) },
      });
    }
    // The peer adds the fields of its line's head.
    const more = formatOf(Object.keys(expected.fields).filter((field) => !(field in values)));
    const ours = { ...values, ...more?.values(context) };
    this.#compare(what, event.type, expected.fields, ours, expected.fields);
  }

  fail(what: string, field: string, expected: unknown, found: unknown): void {
    this.#outcome.failures.push({ what, field, expected, found });
  }

  finish(): CaptureOutcome {
    for (const [key, rows] of this.#rows) for (const row of rows) this.fail(key, '', row, 'no such event');
    for (const [key, alerts] of this.#alerts) {
      for (const { rule, fields } of alerts) {
        this.#judge(`alert ${key}`, 'alert', {
          expected: rule,
          found: null,
          type: String(fields['evt.type']),
          row: fields,
          ours: this.#aboutRule(rule),
        });
      }
    }
    return this.#outcome;
  }

  #compare(what: string, type: string, expected: Fields, ours: Readonly<Record<string, unknown>>, row: Fields): void {
    for (const [field, value] of Object.entries(expected)) {
      if (LEFT_OUT.has(field)) continue;
      const raw = ours[field];
      const found = typeof raw === 'bigint' ? Number(raw) : raw;
      if (found === value) {
        this.#outcome.passed++;
        continue;
      }
      this.#judge(what, field, { expected: value, found, type, row, ours });
    }
  }

  #aboutRule(rule: string): { readonly condition: string } {
    return { condition: this.#ruleSet.rules.find(({ name }) => name === rule)?.conditionText ?? '' };
  }

  /** A difference: meant, or a failure. */
  #judge(what: string, field: string, deviation: Omit<Deviation, 'field'>): void {
    const { meant } = this.#outcome;
    const reason = isMeant({ field, ...deviation }, this.#differences)?.reason;
    if (reason !== undefined) meant.set(reason, (meant.get(reason) ?? 0) + 1);
    else
      this.fail(`${what} ${String(deviation.ours['proc.cmdline'] ?? '')}`, field, deviation.expected, deviation.found);
  }
}
