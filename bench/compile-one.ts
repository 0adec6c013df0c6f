/** `compile-one.js ROOT check|reload`: compiles rules as a command, or as an agent at work; prints figures as JSON. */
import { optimiseLate } from '../agent/cli/short-lived.ts';
import { catalogue } from '../agent/fields/catalogue.ts';
import type { MatchContext } from '../agent/fields/context.ts';
import type { Steps } from '../agent/lib/steps.ts';
import { createMatcher } from '../agent/match/matcher.ts';
import { inlineDeeply } from '../agent/pipeline/inlining.ts';
import { compileSteps } from '../agent/rules/compile.ts';
import type { RuleSet } from '../agent/rules/rule-set.ts';
import { allFiles, compiled, extendedFiles, sha256 } from './support/rule-sets.ts';

export interface Checked {
  readonly rules: number;
  /** CPU time of all threads in a fresh process. */
  readonly coldMs: number;
}

export interface Reloaded {
  readonly rules: number;
  /** CPU time of a reload, up to what its first events need, in a process that has compiled before. */
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

/** As `atalaya rules check` does. */
function check(root: string): Checked {
  optimiseLate();
  const files = allFiles(root);
  let rules = 0;
  const coldMs = cpuMs(() => {
    rules = compiled(files).active.length;
  });
  return { rules, coldMs };
}

function reload(root: string): Reloaded {
  inlineDeeply();
  const matcher = createMatcher(compiled(allFiles(root)));
  const runs = Array.from({ length: RELOADS }, () => stepsOf(root, (ruleSet) => matcher.reload(ruleSet)));
  return {
    rules: matcher.ruleSet.active.length,
    reloadMs: Math.min(...runs.map((steps) => steps.reduce((sum, step) => sum + step))),
    longestMs: Math.min(...runs.map((steps) => Math.max(...steps))),
  };
}

const [root = '', what = ''] = process.argv.slice(2);
console.log(JSON.stringify(what === 'check' ? check(root) : reload(root)));
