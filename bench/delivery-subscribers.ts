import { type ChildProcess, spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type SubscribeOptions, subscribe } from '../collector/client/client.ts';
import { openChannel } from '../proto/channel.ts';
import { fromUint64 } from '../proto/int64.ts';
import type { CollectorMessage } from '../proto/messages.ts';
import { ingestService } from '../proto/services.ts';
import { makeAlert, Run } from './support/alerts.ts';
import { atLeast, atMost, type Figure } from './support/table.ts';

const SUBSCRIBERS = 100;
/** Alerts are of so many kinds; each subscriber wants one of them. */
const KINDS = 20;
const PER_SECOND = 2000;
const SECONDS = 15;
const TICK_MS = 10;
const ARRIVAL_MS = 60_000;
const READY_MS = 30_000;

/** 100 subscribers, each with a filter of its own, while 2,000 alerts a second come: 10,000 deliveries a second in sum. */
export async function benchSubscribers(root: string, folder: string): Promise<Figure[]> {
  const words = ['collector', '--listen', '127.0.0.1:0', '--http', 'none', '--data', folder];
  const collector = spawn(process.execPath, [join(root, 'dist/agent/cli/main.js'), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const abort = new AbortController();
  setMaxListeners(SUBSCRIBERS + 1, abort.signal);
  try {
    const address = await ready(collector);
    const receivers = Array.from({ length: SUBSCRIBERS }, (_, number) => new Receiver(number));
    const done = receivers.map((receiver) => receiver.read({ address, signal: abort.signal }));
    await until(() => receivers.every(({ live }) => live), READY_MS);
    const cpuBefore = cpuSeconds(collector);
    const beganMs = performance.now();
    const sent = await send(address);
    await until(() => receivers.every((receiver) => receiver.has(sent)), ARRIVAL_MS);
    const tookS = (performance.now() - beganMs) / 1000;
    const cpu = cpuSeconds(collector) - cpuBefore;
    abort.abort();
    await Promise.all(done);
    return figuresOf(receivers, sent, tookS, cpu / tookS);
  } finally {
    abort.abort();
    collector.kill('SIGKILL');
  }
}

/** One subscriber: keeps the numbers that it got, and how long they took. */
class Receiver {
  live = false;
  readonly numbers: number[] = [];
  readonly tookMs: number[] = [];
  private readonly kind: number;
  private readonly filter: string;

  constructor(number: number) {
    this.kind = number % KINDS;
    // All differ, so that none can be answered for another.
    this.filter = `evt.num >= 0 and fd.num = ${this.kind} and not proc.name = nobody-${number}`;
  }

  has(sent: number): boolean {
    return this.numbers.length >= Math.ceil((sent - this.kind) / KINDS);
  }

  isExact(sent: number): boolean {
    const expected = this.expected(sent);
    return this.numbers.length === expected.length && expected.every((number, index) => this.numbers[index] === number);
  }

  async read(options: Omit<SubscribeOptions, 'filters'>): Promise<void> {
    for await (const item of subscribe({ ...options, filters: [this.filter] })) {
      if (item.type === 'progress') this.live ||= item.live;
      if (item.type !== 'record' || item.envelope.body.type !== 'alert') continue;
      const { context, timeNs } = item.envelope.body.alert;
      this.numbers.push(Number(context['evt.num']));
      this.tookMs.push(Date.now() - Number(timeNs / 1_000_000n));
    }
  }

  private expected(sent: number): number[] {
    return Array.from({ length: sent }, (_, number) => number).filter((number) => number % KINDS === this.kind);
  }
}

/** Sends at the rate, and gives how many when all are acknowledged. */
async function send(address: string): Promise<number> {
  const client = openChannel(address, {});
  const { path, requestSerialize, responseDeserialize } = ingestService.stream;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  let acknowledged = 0;
  let failed: Error | undefined;
  call.on('data', ({ ack }: CollectorMessage) => {
    if (ack) acknowledged = Number(fromUint64(ack.sequence));
  });
  call.on('error', (error) => {
    failed = error;
  });
  call.write({ hello: { protocol: 1, agentId: 'bench', hostname: 'bench', version: 'bench', capabilities: [] } });
  const run = new Run('bench', BigInt(Date.now()));
  const beganMs = performance.now();
  let sent = 0;
  while (sent < PER_SECOND * SECONDS) {
    const due = Math.min(Math.floor(((performance.now() - beganMs) / 1000) * PER_SECOND), PER_SECOND * SECONDS);
    const envelopes: Uint8Array[] = [];
    for (; sent < due; sent++) envelopes.push(run.next(alertOf(sent)));
    if (envelopes.length > 0) call.write({ batch: { envelopes } });
    await wait(TICK_MS);
  }
  await until(() => acknowledged === sent || failed !== undefined, ARRIVAL_MS);
  if (failed !== undefined) throw failed;
  call.cancel();
  client.close();
  return sent;
}

function alertOf(number: number) {
  const alert = makeAlert(number, BigInt(Date.now()) * 1_000_000n);
  return { ...alert, context: { ...alert.context, 'fd.num': number % KINDS } };
}

function figuresOf(receivers: readonly Receiver[], sent: number, tookS: number, cores: number): Figure[] {
  const delivered = receivers.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const exact = receivers.filter((receiver) => receiver.isExact(sent)).length;
  const took = receivers.flatMap(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return [
    atLeast(`of ${SUBSCRIBERS} subscribers got all of their own, in order, once`, exact, SUBSCRIBERS, ''),
    atLeast('deliveries a second, in sum', delivered / tookS, 9500, '/s'),
    atMost('alert to subscriber, of 100: 99th percentile', at(0.99), 1000, 'ms'),
    { name: 'alert to subscriber, of 100: median', value: `${at(0.5).toFixed(0)} ms` },
    { name: "the collector's share of a core", value: cores.toFixed(2) },
  ];
}

/** User and system time of a process, of /proc/PID/stat in hundredths of a second. */
function cpuSeconds({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [utime = 0, stime = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (utime + stime) / 100;
}

function ready(collector: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`the collector is not ready:\n${text}`)), READY_MS);
    collector.stderr?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-8000);
      const address = /"grpc":"([^"]+)".*"ready"/.exec(text)?.[1];
      if (address === undefined) return;
      clearTimeout(late);
      resolve(address);
    });
  });
}

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  for (const endMs = Date.now() + limitMs; !condition(); await wait(20)) {
    if (Date.now() > endMs) throw new Error('it did not come to its end in time');
  }
}
