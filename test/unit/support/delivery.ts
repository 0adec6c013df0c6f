import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert, EnvelopeBody } from '../../../agent/events/alert.ts';
import { openSpool, type Spool, type SpoolOptions } from '../../../agent/outputs/spool.ts';
import { type SubscribeOptions, type SubscriptionItem, subscribe } from '../../../collector/client/client.ts';
import { type Collector, type CollectorOptions, startCollector } from '../../../collector/main.ts';

/** An alert that tells which one it is: by rule, by time, in its output and in its context. */
export function alertOf(number: number, change: Partial<Alert> = {}): Alert {
  const timeNs = 1_700_000_000_000_000_000n + BigInt(number);
  return {
    uuid: `00000000-0000-8000-8000-${number.toString(16).padStart(12, '0')}`,
    timeNs,
    raisedNs: timeNs + 1000n,
    rule: 'Shell in a container',
    ruleSetDigest: 'd'.repeat(64),
    priority: 'Warning',
    source: 'syscall',
    tags: ['container', 'mitre_execution'],
    hostname: 'node-1',
    output: `10:00:00.000000000: Warning alert ${number} (user=root)`,
    outputFields: { 'evt.time': timeNs, 'user.name': 'root', 'fd.num': number, 'container.id': null },
    context: { 'evt.num': number, 'proc.name': 'bash', 'proc.pid': 1000 + number, 'proc.args': ['-c', 'id'] },
    matched: ['proc.name = bash'],
    process: { pid: 1000 + number, startNs: 5_000_000_000n, name: 'bash', exePath: '/bin/bash', cmdline: 'bash -c id' },
    ancestors: [{ pid: 1, startNs: 0n, name: 'init', exePath: '/sbin/init', cmdline: 'init' }],
    completeness: 'complete',
    redactions: [],
    count: 1,
    firstNs: timeNs,
    lastNs: timeNs,
    ...change,
  };
}

export function bodyOf(number: number, change: Partial<Alert> = {}): EnvelopeBody {
  return { type: 'alert', alert: alertOf(number, change) };
}

export function numberOf(alert: Alert): number {
  return Number.parseInt(alert.uuid.slice(-12), 16);
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** Waits for a condition; fails with `what` when it does not come. */
export async function until(condition: () => boolean, what: string, limitMs = 10_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error(`gave up waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Folders and running things of one test, ended in the reverse order. */
export class Bench {
  private readonly ends: (() => Promise<unknown> | unknown)[] = [];

  folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'atalaya-delivery-'));
    this.onEnd(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  onEnd(end: () => Promise<unknown> | unknown): void {
    this.ends.push(end);
  }

  spool(options: Partial<SpoolOptions> = {}): Spool {
    const dir = options.dir ?? this.folder();
    const spool = openSpool({ agentId: 'node-1', bootId: 'boot-1', ...options, dir });
    this.onEnd(() => spool.close());
    return spool;
  }

  async collector(options: Partial<CollectorOptions> = {}): Promise<Collector> {
    const collector = await startCollector({
      dataDir: options.dataDir ?? this.folder(),
      listen: '127.0.0.1:0',
      version: 'test',
      ...options,
    });
    this.onEnd(() => collector.stop());
    return collector;
  }

  /** Reads a subscription in the background. */
  listen(options: SubscribeOptions): Listener {
    const abort = new AbortController();
    const listener = new Listener();
    const done = listener.read(subscribe({ ...options, signal: abort.signal }));
    this.onEnd(() => {
      abort.abort();
      return done;
    });
    return listener;
  }

  async end(): Promise<void> {
    for (const end of this.ends.splice(0).reverse()) await end();
  }
}

/** What a subscription gave so far. */
export class Listener {
  readonly items: SubscriptionItem[] = [];
  error: unknown;

  async read(items: AsyncIterable<SubscriptionItem>): Promise<void> {
    try {
      for await (const item of items) this.items.push(item);
    } catch (error) {
      this.error = error;
    }
  }

  get alerts(): Alert[] {
    return this.items.flatMap((item) =>
      item.type === 'record' && item.envelope.body.type === 'alert' ? [item.envelope.body.alert] : [],
    );
  }

  get numbers(): number[] {
    return this.alerts.map(numberOf);
  }

  get live(): boolean {
    return this.items.some((item) => item.type === 'progress' && item.live);
  }
}
