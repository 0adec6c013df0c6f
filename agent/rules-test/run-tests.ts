import type { FieldCatalogue } from '../fields/field.ts';
import { createMatcher, type MatchableContext, type Matcher } from '../match/matcher.ts';
import { nearestName } from '../rules/nearest.ts';
import type { CompiledRule, RuleSet } from '../rules/rule-set.ts';
import { placeOf, type Span } from '../rules/source-text.ts';
import { readCaptureEvents } from './capture-events.ts';
import { compare, type Difference, type FoundAlert, holds } from './compare.ts';
import type { Coverage } from './coverage.ts';
import type { TestCase, TestDocument } from './document.ts';
import { DocumentFault, refuse, type TestFault } from './fault.ts';
import type { GivenEvent } from './given-event.ts';
import { readEvent } from './read-event.ts';
import { given, type TestRules } from './test-rules.ts';

export interface TestResult {
  readonly document: TestDocument;
  readonly test: TestCase;
  readonly found: readonly FoundAlert[];
  readonly difference: Difference;
  /** Why rules that were expected did not fire. */
  readonly reasons: ReadonlyMap<string, readonly string[]>;
  readonly passed: boolean;
  readonly milliseconds: number;
}

/** One test: its result, or what is wrong with it. */
export type TestOutcome = { readonly result: TestResult } | { readonly fault: TestFault };

export interface RunOptions {
  readonly coverage: Coverage;
  /** Why a rule says nothing of an event: a few lines. */
  explain(rule: CompiledRule<GivenEvent>, event: GivenEvent): readonly string[];
  nowMs(): number;
}

export async function runTest(
  document: TestDocument,
  test: TestCase,
  rules: TestRules,
  options: RunOptions,
): Promise<TestOutcome> {
  const started = options.nowMs();
  try {
    const { found, reasons } =
      test.capture === undefined ? runGiven(test, rules, options) : await runCapture(document, test, rules, options);
    const difference = compare(test, found);
    const milliseconds = options.nowMs() - started;
    return { result: { document, test, found, difference, reasons, passed: holds(difference), milliseconds } };
  } catch (error) {
    if (error instanceof DocumentFault) return { fault: error.fault };
    throw error;
  }
}

interface Found {
  readonly found: readonly FoundAlert[];
  readonly reasons: ReadonlyMap<string, readonly string[]>;
}

function runGiven(test: TestCase, { forGiven }: TestRules, { coverage, explain }: RunOptions): Found {
  const events = test.events.map(({ fields, span }) => readEvent(fields, span, given as FieldCatalogue<GivenEvent>));
  const types = new Set(events.map(({ event }) => event.type));
  assertNames(test, forGiven, types);
  const matcher = createMatcher(forGiven);
  const found = events.flatMap((event, place) => matchOne(matcher, event, place + 1, coverage));
  const reasons = new Map<string, readonly string[]>();
  for (const { rule: name } of test.expect ?? []) {
    const rule = forGiven.rules.find((candidate) => candidate.name === name);
    if (rule === undefined || found.some((alert) => alert.rule === name)) continue;
    const about = events.find(({ event }) => rule.handles(event.type));
    if (about !== undefined) reasons.set(name, explain(rule, about));
  }
  return { found, reasons };
}

async function runCapture(
  document: TestDocument,
  test: TestCase,
  rules: TestRules,
  { coverage }: RunOptions,
): Promise<Found> {
  const { capture } = test;
  if (capture === undefined) return { found: [], reasons: new Map() };
  const ruleSet = rules.forCaptures();
  assertNames(test, ruleSet, undefined);
  const matcher = createMatcher(ruleSet);
  const found: FoundAlert[] = [];
  await readCaptureEvents(document.file, capture, (context, number) => {
    for (const alert of matchOne(matcher, context, number, coverage)) found.push(alert);
  });
  return { found, reasons: new Map() };
}

/** The alerts of one event. */
function matchOne<C extends MatchableContext>(
  matcher: Matcher<C>,
  context: C,
  number: number,
  coverage: Coverage,
): readonly FoundAlert[] {
  const matched = matcher.match(context);
  for (const rule of matcher.ruleSet.buckets().byType.get(context.event.type)?.rules ?? []) {
    coverage.see(rule, context, matched.includes(rule));
  }
  return matched.map((rule) => ({
    rule: rule.name,
    event: number,
    output: rule.format.render(context).text.trim(),
  }));
}

/** A test that names a rule that cannot fire, or could never have fired, says nothing. */
function assertNames<C>(test: TestCase, ruleSet: RuleSet<C>, types: ReadonlySet<string> | undefined): void {
  for (const { rule, span, event } of test.expect ?? []) {
    named(ruleSet, rule, span);
    if (types !== undefined && event !== undefined && event > test.events.length) {
      refuse(`there is no event ${event}`, span, { expected: `1 to ${test.events.length}` });
    }
  }
  for (const { name, span } of test.silent) {
    const rule = named(ruleSet, name, span);
    if (types === undefined || [...types].some((type) => rule.handles(type))) continue;
    refuse(`rule '${name}' never looks at ${[...types].join(', ')}: that it is silent shows nothing`, span);
  }
}

function named<C>(ruleSet: RuleSet<C>, name: string, span: Span): CompiledRule<C> {
  const rule = ruleSet.rules.find((candidate) => candidate.name === name);
  if (rule === undefined) {
    const nearest = nearestName(
      name,
      ruleSet.rules.map((candidate) => candidate.name),
    );
    return refuse(`unknown rule '${name}'`, span, nearest === undefined ? {} : { nearest });
  }
  if (!rule.active) refuse(`rule '${name}' is not enabled (${rule.place.file}:${rule.place.line})`, span);
  return rule;
}

/** Where the test stands, as `file:line`. */
export function whereIs({ test }: TestResult): string {
  const { file, line } = placeOf(test.span);
  return `${file}:${line}`;
}
