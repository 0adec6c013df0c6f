// An agent without a sensor: numbered alerts go through the spool and the stream of the product.
//   node producer.js '{"dir": ..., "address": ..., "node": ..., "from": 0, "perSecond": 500, "ledger": FILE, "tls": {...}}'
// The ledger has two kinds of lines: `try FROM TO` before records FROM..TO-1 are given to the spool, `raised FROM TO` when
// they are on disk. On SIGTERM it raises no more, drains and ends.
import { openSync, writeSync } from 'node:fs';
import { keepMemorySmall } from '../../agent/cli/memory.ts';
import { createForwarder } from '../../agent/outputs/forwarder.ts';
import { openSpool } from '../../agent/outputs/spool.ts';
import type { TlsFiles } from '../../proto/tls.ts';
import { bodyOf, range } from '../unit/support/delivery.ts';

export interface ProducerOptions {
  readonly dir: string;
  readonly address: string;
  readonly node: string;
  /** Number of the first alert. */
  readonly from: number;
  readonly perSecond: number;
  /** After so many it only keeps sending; absent = it goes on. */
  readonly count?: number;
  readonly ledger: string;
  readonly tls?: TlsFiles;
  /** How long to wait for acknowledgements at the end. */
  readonly drainMs: number;
}

const TICK_MS = 10;
/** More than this is not begun while the disk fails: what memory cannot hold would be lost, and rightly so. */
const WAITING_MAX = 2000;

keepMemorySmall();

async function main(options: ProducerOptions): Promise<void> {
  const { dir, address, node, perSecond, ledger, tls, drainMs } = options;
  const file = openSync(ledger, 'a');
  const say = (word: string, from: number, to: number): void => void writeSync(file, `${word} ${from} ${to}\n`);
  const notice = (what: object): void => void process.stderr.write(`${JSON.stringify(what)}\n`);
  const spool = openSpool({
    dir,
    agentId: node,
    bootId: 'boot',
    onNotice: (each) => notice({ node, spool: each.kind, ...('error' in each ? { error: each.error.message } : {}) }),
  });
  const identity = { agentId: node, hostname: node, version: 'test' };
  const onNotice = (each: object) => notice({ node, stream: each });
  const forwarder = createForwarder({ spool, address, ...identity, onNotice, ...(tls === undefined ? {} : { tls }) });
  let next = options.from;
  const end = options.from + (options.count ?? Number.POSITIVE_INFINITY);
  let waiting = 0;
  const beganMs = performance.now();
  const beganNs = BigInt(Date.now()) * 1_000_000n;
  /** When it should have been raised: who measures then sees what a producer that lags would hide. */
  const dueNs = (number: number): bigint => beganNs + BigInt(Math.round(((number - options.from) * 1e9) / perSecond));
  const tick = setInterval(() => {
    const due = options.from + Math.floor(((performance.now() - beganMs) * perSecond) / 1000);
    const to = Math.min(due, end, next + WAITING_MAX - waiting);
    if (to <= next) return;
    const from = next;
    next = to;
    say('try', from, to);
    waiting += to - from;
    spool.append(range(from, to).map((number) => bodyOf(number, { hostname: node, raisedNs: dueNs(number) }))).then(
      () => {
        waiting -= to - from;
        say('raised', from, to);
      },
      (error: Error) => notice({ node, refused: error.message }),
    );
  }, TICK_MS);
  process.on('SIGTERM', () => {
    clearInterval(tick);
    void (async () => {
      await forwarder.stop(drainMs);
      await spool.close();
      process.exit(0);
    })();
  });
  process.stderr.write('ready\n');
}

await main(JSON.parse(process.argv[2] ?? '{}') as ProducerOptions);
