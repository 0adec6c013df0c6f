// Writes native/bpf/budget.json: what each program costs the verifier, and its size, on this machine. Needs a built tree
// and root. Run it when a program grew for a reason, and say the reason in the commit.
import { readFileSync, writeFileSync } from 'node:fs';
import { openSensor } from '../dist/native/index.js';

const file = new URL('../native/bpf/budget.json', import.meta.url);
const budget = JSON.parse(readFileSync(file, 'utf8'));

const sensor = openSensor();
sensor.load();
budget[process.arch] = Object.fromEntries(
  sensor
    .stats()
    .programs.map(({ name, verifiedInstructions, jitedBytes }) => [name, { verifiedInstructions, jitedBytes }])
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);
sensor.close();
writeFileSync(file, `${JSON.stringify(budget, null, 2)}\n`);
