/** `compile-one.js ROOT`: compiles all upstream rules in a fresh process and prints a Compiled as JSON. */
import { createMatcher } from '../agent/match/matcher.ts';
import { allFiles, compiled, extendedFiles } from './support/rule-sets.ts';

export interface Compiled {
  readonly rules: number;
  /** CPU time of all threads, as a command has it that runs once. */
  readonly coldMs: number;
  readonly largeRules: number;
  /** The longest that a reload of the larger set holds up the event loop, in a process that has compiled before. */
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

const [root = ''] = process.argv.slice(2);
const files = allFiles(root);
let rules = 0;
const coldMs = cpuMs(() => {
  rules = compiled(files).active.length;
});
const matcher = createMatcher(compiled(files));
const large = extendedFiles(root, MORE_RULES);
const reloads = Array.from({ length: RELOADS }, () => cpuMs(() => matcher.reload(compiled(large))));
const result: Compiled = {
  rules,
  coldMs,
  largeRules: matcher.ruleSet.active.length,
  longestMs: Math.min(...reloads),
};
console.log(JSON.stringify(result));
