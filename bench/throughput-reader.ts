// Subscribes and measures: node throughput-reader.js ADDRESS COUNT WARM-UP. Writes `live`, then one line of JSON when it has
// COUNT alerts; times are of those after the first WARM-UP, from when they were due to when they were decoded here.
import { subscribe } from '../collector/client/client.ts';

const [address = '', count = '0', warmUp = '0'] = process.argv.slice(2);
const seen = new Set<string>();
const taken: number[] = [];
let outOfOrder = 0;
let last = '';
for await (const item of subscribe({ address, maxLag: 10_000_000 })) {
  if (item.type === 'progress' && item.live) process.stderr.write('live\n');
  if (item.type === 'dropped') throw new Error('too slow: alerts were left out');
  if (item.type !== 'record' || item.envelope.body.type !== 'alert') continue;
  const { uuid, raisedNs } = item.envelope.body.alert;
  if (uuid < last) outOfOrder++;
  last = uuid;
  seen.add(uuid);
  if (seen.size > Number(warmUp)) taken.push(Date.now() - Number(raisedNs / 1_000_000n));
  if (seen.size >= Number(count)) break;
}
taken.sort((a, b) => a - b);
const at = (share: number): number => taken[Math.min(taken.length - 1, Math.floor(taken.length * share))] ?? 0;
process.stdout.write(
  `${JSON.stringify({ received: seen.size, outOfOrder, p50: at(0.5), p99: at(0.99), max: at(1) })}\n`,
);
