import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Compiled } from './compile-one.ts';
import { atMost, type Figure } from './support/table.ts';

const RUNS = 5;

/** What compiling rules costs: once, in a command; and in an agent, whose events wait meanwhile. CPU time of the best run. */
export function benchCompile(root: string): Figure[] {
  const program = fileURLToPath(new URL('./compile-one.js', import.meta.url));
  const runs = Array.from({ length: RUNS }, () => {
    const printed = execFileSync(process.execPath, [program, root]).toString();
    return JSON.parse(printed) as Compiled;
  });
  const [first] = runs;
  const best = (read: (run: Compiled) => number): number => Math.min(...runs.map(read));
  return [
    atMost(`all upstream files, cold (${first?.rules} rules)`, best((run) => run.coldMs) / 1000, 0.3, 's'),
    { name: `reload in steps (${first?.largeRules} rules)`, value: `${best((run) => run.reloadMs).toFixed(0)} ms` },
    atMost(
      'its longest step',
      best((run) => run.longestMs),
      20,
      'ms',
    ),
  ];
}
