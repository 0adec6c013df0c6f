import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Checked, Reloaded } from './compile-one.ts';
import { atMost, type Figure } from './support/table.ts';

const RUNS = 5;

/** What compiling rules costs: once, in a command; and in an agent, whose events wait meanwhile. CPU time of the best run. */
export function benchCompile(root: string): Figure[] {
  const checked = Array.from({ length: RUNS }, () => run<Checked>(root, 'check'));
  const reloaded = Array.from({ length: RUNS }, () => run<Reloaded>(root, 'reload'));
  const cold = Math.min(...checked.map(({ coldMs }) => coldMs));
  const reload = Math.min(...reloaded.map(({ reloadMs }) => reloadMs));
  const longest = Math.min(...reloaded.map(({ longestMs }) => longestMs));
  return [
    atMost(`check all upstream files (${checked[0]?.rules} rules)`, cold / 1000, 0.3, 's'),
    { name: `reload in steps (${reloaded[0]?.rules} rules)`, value: `${reload.toFixed(0)} ms` },
    atMost('its longest step', longest, 20, 'ms'),
  ];
}

function run<T>(root: string, what: 'check' | 'reload'): T {
  const program = fileURLToPath(new URL('./compile-one.js', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [program, root, what]).toString()) as T;
}
