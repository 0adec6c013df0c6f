import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured } from './match-one.ts';
import { loadMix } from './support/mix.ts';
import { atLeast, type Figure } from './support/table.ts';

/** What is promised for each rule set, in million events a second on one core. */
const PROMISES = [
  { set: 'none', name: 'decode and state alone' },
  { set: 'own', name: 'our rules', perSecond: 1 },
  { set: 'stable', name: 'upstream, stable', perSecond: 2 },
  { set: 'all', name: 'upstream, all' },
  { set: 'more', name: 'upstream, all and 500 more', perSecond: 1 },
] as const;

/** Events a second through decode, state and match, over a recorded mix, on one core: each rule set in its own process. */
export async function benchMatch(root: string): Promise<Figure[]> {
  const mix = await loadMix(root);
  const kinds = [...mix.byKind].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${count} ${kind}`);
  const figures: Figure[] = [
    { name: 'recorded mix', value: `${mix.events} events`, note: `${kinds.slice(0, 12).join(', ')}, ...` },
  ];
  for (const promise of PROMISES) {
    const { rules, perSecond, first, matched, bytesPerEvent } = measure(root, promise.set);
    const name = promise.set === 'none' ? promise.name : `${promise.name} (${rules} rules)`;
    const rate = perSecond / 1e6;
    const note = `first pass ${(first / 1e6).toFixed(2)} M/s; ${matched} events match; ${bytesPerEvent.toFixed(1)} bytes allocated an event`;
    figures.push({
      ...('perSecond' in promise
        ? atLeast(name, rate, promise.perSecond, 'M/s')
        : { name, value: `${rate.toFixed(2)} M/s` }),
      note,
    });
  }
  return figures;
}

function measure(root: string, set: string): Measured {
  const program = fileURLToPath(new URL('./match-one.js', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [program, root, set]).toString()) as Measured;
}
