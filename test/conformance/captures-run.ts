import { readFileSync } from 'node:fs';
import type { MatchContext } from '../../agent/fields/context.ts';
import { catalogue } from '../../agent/fields/catalogue.ts';
import { createMatcher } from '../../agent/match/matcher.ts';
import { readScapContexts } from '../../agent/pipeline/scap.ts';
import { compileFormat, type Format } from '../../agent/rules/format.ts';
import type { RuleSet } from '../../agent/rules/rule-set.ts';
import { type Difference, isMeant } from './captures-differences.ts';
import { type ExpectedAlert, type ExpectedRows, type Fields, readAlerts, readRows, rowKey } from './captures-expected.ts';

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
  const comparison = new Comparison(readRows(`${base}.fields.jsonl.gz`), readAlerts(`${base}.alerts.json`), differences);
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

class Comparison {
  readonly #outcome: CaptureOutcome = { passed: 0, meant: new Map(), failures: [] };
  readonly #rows: ExpectedRows;
  readonly #alerts = new Map<string, ExpectedAlert[]>();
  readonly #differences: readonly Difference[];
  readonly #format: Format<MatchContext>;

  constructor(rows: ExpectedRows, alerts: readonly ExpectedAlert[], differences: readonly Difference[]) {
    this.#rows = rows;
    this.#differences = differences;
    for (const alert of alerts) {
      const key = `${alert.timeNs} ${alert.rule}`;
      this.#alerts.set(key, [...(this.#alerts.get(key) ?? []), alert]);
    }
    const [first] = rows.values();
    const names = Object.keys(first?.[0] ?? { 'evt.type': '' }).filter((name) => !LEFT_OUT.has(name));
    const compiled = compileFormat(names.map((name) => `%${name}`).join(' '), catalogue);
    if (!compiled.ok) throw new Error(`the peer has a field that we have not: ${compiled.error}`);
    this.#format = compiled.format;
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

  alert(rule: string, { event }: MatchContext, values: Readonly<Record<string, unknown>>): void {
    const key = `${event.timeNs} ${rule}`;
    const expected = this.#alerts.get(key)?.shift();
    if (expected === undefined) {
      this.fail(`alert ${key} ${event.type}`, '', 'none', values);
      return;
    }
    this.#outcome.passed++;
    this.#compare(`alert ${key}`, event.type, expected.fields, values, expected.fields);
  }

  fail(what: string, field: string, expected: unknown, found: unknown): void {
    this.#outcome.failures.push({ what, field, expected, found });
  }

  finish(): CaptureOutcome {
    for (const [key, rows] of this.#rows) for (const row of rows) this.fail(key, '', row, 'no such event');
    for (const [key, alerts] of this.#alerts) {
      for (const { fields } of alerts) this.fail(`alert ${key}`, '', fields, 'no such alert');
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
      const meant = isMeant({ field, expected: value, found, type, row, ours }, this.#differences);
      if (meant === undefined) this.fail(`${what} ${String(ours['proc.cmdline'] ?? '')}`, field, value, found);
      else this.#outcome.meant.set(meant.reason, (this.#outcome.meant.get(meant.reason) ?? 0) + 1);
    }
  }
}

export function readRuleTexts(paths: readonly string[]): { readonly path: string; readonly text: string }[] {
  return paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}
