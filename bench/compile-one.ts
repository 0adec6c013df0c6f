/** `compile-one.js ROOT`: compiles all upstream rules in a fresh process and prints a Compiled as JSON. */
import { catalogue } from '../agent/fields/catalogue.ts';
import type { MatchContext } from '../agent/fields/context.ts';
import type { Steps } from '../agent/lib/steps.ts';
import { createMatcher } from '../agent/match/matcher.ts';
import { compileSteps } from '../agent/rules/compile.ts';
import type { RuleSet } from '../agent/rules/rule-set.ts';
import { allFiles, compiled, extendedFiles, sha256 } from './support/rule-sets.ts';

export interface Compiled {
  readonly rules: number;
  /** CPU time of all threads, as a command has it that runs once. */
  readonly coldMs: number;
  readonly largeRules: number;
  /** CPU time of a reload of the larger set, up to what its first events need. */
  readonly reloadMs: number;
  /** Of it, the longest step: no batch waits longer for it, beside a slice of a few milliseconds. */
  readonly longestMs: number;
}

/** Rules beside upstream's in the set that is reloaded: about 600 with them. */
const MORE_RULES = 500;
const RELOADS = 5;

function cpuMs(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e3;
}

/** What an agent does when its rules have changed. */
function* reloadSteps(root: string): Steps<RuleSet<MatchContext>> {
  const { ruleSet } = yield* compileSteps(extendedFiles(root, MORE_RULES), catalogue, { hash: sha256 });
  yield* ruleSet.prepare();
  return ruleSet;
}

/** CPU time of each step, in order. */
function stepsOf(root: string, use: (ruleSet: RuleSet<MatchContext>) => void): number[] {
  const steps = reloadSteps(root);
  const taken: number[] = [];
  for (let done = false; !done; ) {
    taken.push(
      cpuMs(() => {
        const step = steps.next();
        done = step.done === true;
        if (step.done === true) use(step.value);
      }),
    );
  }
  return taken;
}

const [root = ''] = process.argv.slice(2);
const files = allFiles(root);
let rules = 0;
const coldMs = cpuMs(() => {
  rules = compiled(files).active.length;
});
const matcher = createMatcher(compiled(files));
const runs = Array.from({ length: RELOADS }, () => stepsOf(root, (ruleSet) => matcher.reload(ruleSet)));
const result: Compiled = {
  rules,
  coldMs,
  largeRules: matcher.ruleSet.active.length,
  reloadMs: Math.min(...runs.map((steps) => steps.reduce((sum, step) => sum + step))),
  longestMs: Math.min(...runs.map((steps) => Math.max(...steps))),
};
console.log(JSON.stringify(result));
