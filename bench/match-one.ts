/** `match-one.js ROOT SET`: measures one rule set over the recorded mix and prints a Measured as JSON. */
import { createBatchReader } from '../agent/decode/batch.ts';
import type { Event } from '../agent/events/event.ts';
import type { MatchContext } from '../agent/fields/context.ts';
import { createMatcher } from '../agent/match/matcher.ts';
import { inlineDeeply } from '../agent/pipeline/inlining.ts';
import type { RuleSet } from '../agent/rules/rule-set.ts';
import { allocatedBy } from './support/allocation.ts';
import { loadMix, type Mix } from './support/mix.ts';
import { allFiles, compiled, extendedFiles, ownFiles, stableFiles } from './support/rule-sets.ts';

/** Passes over the mix; each starts from the state before the first event. */
const PASSES = 40;

const SETS: Readonly<Record<string, (root: string) => RuleSet<MatchContext> | undefined>> = {
  none: () => undefined,
  own: (root) => compiled(ownFiles(root)),
  stable: (root) => compiled(stableFiles(root)),
  all: (root) => compiled(allFiles(root)),
  more: (root) => compiled(extendedFiles(root, 500)),
};

export interface Measured {
  readonly rules: number;
  /** Events in a second of CPU time of all threads, in the best pass: other work on the machine only makes it slower. */
  readonly perSecond: number;
  /** With cold code and an unused rule set. */
  readonly first: number;
  readonly matched: number;
  /** On the JavaScript heap, in a pass after all others; what forks and execs leave in state is in it. */
  readonly bytesPerEvent: number;
}

function measure(mix: Mix, ruleSet: RuleSet<MatchContext> | undefined): Measured {
  const matcher = ruleSet === undefined ? undefined : createMatcher(ruleSet);
  const reader = createBatchReader(mix.origin);
  let matched = 0;
  const pass = (): number => {
    const contexts = mix.contexts();
    matched = 0;
    const take = (event: Event): void => {
      const context = contexts.of(event);
      if (matcher !== undefined && matcher.match(context).length > 0) matched++;
    };
    const start = process.cpuUsage();
    for (const batch of mix.batches) reader.forEach(batch, take);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  const seconds = Array.from({ length: PASSES }, pass);
  return {
    rules: ruleSet?.active.length ?? 0,
    perSecond: mix.events / Math.min(...seconds),
    first: mix.events / (seconds[0] ?? Number.NaN),
    matched,
    bytesPerEvent: allocatedBy(pass) / mix.events,
  };
}

inlineDeeply();
const [root = '', set = ''] = process.argv.slice(2);
const make = SETS[set];
if (make === undefined) throw new Error(`no rule set '${set}'; there are: ${Object.keys(SETS).join(', ')}`);
console.log(JSON.stringify(measure(await loadMix(root), make(root))));
