/**
 * Does harm to agents and a collector for a while and counts what subscribers got: run.js [--seconds N] [--seed N]
 * [--nodes N] [--subscribers N] [--rate N] [--only PART-OF-A-NAME]. Exit code 1 when something was lost, doubled or out of order.
 */
import { parseArgs } from 'node:util';
import { hasFakeTime } from './clock.ts';
import { runTrial } from './trial.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    nodes: { type: 'string', default: '3' },
    subscribers: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    rate: { type: 'string', default: '200' },
  },
});
const disks = process.getuid?.() === 0;
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
console.log(`faults for ${seconds} s, seed ${seed}${disks ? '' : '; no full disks: that wants root'}`);
if (!hasFakeTime()) console.log("  clocks are not set: that wants Debian's libfaketime");
const figures = await runTrial({
  seconds,
  seed,
  nodes: Number(values.nodes),
  subscribers: Number(values.subscribers),
  perSecond: Number(values.rate),
  disks,
  only: values.only,
  onFault: (name) => process.stderr.write(`  ${name}\n`),
});
for (const [name, count] of Object.entries(figures.faults)) console.log(`  ${String(count).padStart(5)} ${name}`);
console.log(
  `  ${figures.kills} kills, ${figures.raised} alerts raised, all there ${figures.drainedMs} ms after the last fault`,
);
for (const [index, { received, lost, repeated, outOfOrder }] of figures.subscribers.entries()) {
  console.log(
    `  subscriber ${index + 1}: ${received} received, ${lost} lost, ${repeated} repeated, ${outOfOrder} out of order`,
  );
}
if (figures.examples.length > 0) console.log(`  lost: ${figures.examples.join(', ')}`);
const good = figures.subscribers.every(({ lost, repeated, outOfOrder }) => lost + repeated + outOfOrder === 0);
process.exitCode = good && figures.raised > 0 ? 0 : 1;
