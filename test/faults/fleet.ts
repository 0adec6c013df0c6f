import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority } from '../../agent/certificates/authority.ts';
import { subscribe } from '../../collector/client/client.ts';
import { numberOf } from '../unit/support/delivery.ts';
import { SteppedClock } from './clock.ts';
import { Disk } from './disk.ts';
import { Restarted } from './process.ts';
import type { ProducerOptions } from './producer.ts';
import { Proxy } from './proxy.ts';

const DISK_MIB = 512;
const CERTIFICATE_DAYS = 2;

/** What a subscriber got of one node, in the order in which it came. */
export interface Received {
  readonly numbers: number[];
  readonly seen: Set<number>;
  /** Came again, though it was there. */
  repeated: number;
  outOfOrder: number;
}

export interface FleetOptions {
  readonly nodes: readonly string[];
  readonly subscribers: number;
  readonly perSecond: number;
  /** Disks of their own, which can be full: for root. */
  readonly disks: boolean;
  /** The agents' wall clock can be set: where libfaketime is. */
  readonly clocks: boolean;
}

/** Agents, one collector and subscribers, each a process or a client of its own, with a proxy before the collector. */
export class Fleet {
  readonly collector: Restarted;
  readonly agents: ReadonlyMap<string, Restarted>;
  readonly agentSide: Proxy;
  readonly clientSide: Proxy;
  readonly disks: { readonly collector: Disk; readonly agent: Disk } | undefined;
  readonly clock: SteppedClock | undefined;
  readonly received: ReadonlyMap<string, Received>[] = [];
  private readonly options: FleetOptions;
  private readonly folder: string;
  private readonly abort = new AbortController();
  private readonly readers: Promise<void>[] = [];
  private port: number;
  private stopped = false;

  static async start(options: FleetOptions): Promise<Fleet> {
    const port = { now: 0 };
    const agentSide = await Proxy.start(() => port.now);
    const clientSide = await Proxy.start(() => port.now);
    const fleet = new Fleet(options, agentSide, clientSide, port);
    await fleet.begin();
    return fleet;
  }

  private constructor(options: FleetOptions, agentSide: Proxy, clientSide: Proxy, port: { now: number }) {
    this.options = options;
    this.agentSide = agentSide;
    this.clientSide = clientSide;
    this.folder = mkdtempSync(join(tmpdir(), 'atalaya-faults-'));
    this.disks = options.disks ? { collector: new Disk(DISK_MIB), agent: new Disk(DISK_MIB) } : undefined;
    this.clock = options.clocks ? new SteppedClock(this.path('clock')) : undefined;
    this.port = 20_000 + (process.pid % 10_000);
    port.now = this.port;
    this.issue();
    this.collector = new Restarted('bin/atalaya', () => this.collectorWords(), /"msg":"ready"/);
    this.agents = new Map(
      options.nodes.map((node) => [
        node,
        new Restarted(
          'dist/test/faults/producer.js',
          () => [JSON.stringify(this.producerOptions(node))],
          /^ready$/m,
          this.clock?.env,
        ),
      ]),
    );
  }

  /** New certificates for all, over the old ones. */
  issue(): void {
    const authority = openAuthority(this.path('certificates'), Date.now());
    const of = (role: 'collector' | 'agent' | 'client', name: string, file: string) =>
      authority.issue(
        { identity: { role, name }, hosts: role === 'collector' ? ['127.0.0.1', 'localhost'] : [], file },
        CERTIFICATE_DAYS,
      );
    of('collector', 'localhost', 'collector');
    of('client', 'reader', 'client');
    for (const node of this.options.nodes) of('agent', node, node);
  }

  /** Numbers that a node has tried to raise, and those that were on disk. */
  ledger(node: string): { readonly next: number; readonly raised: ReadonlySet<number> } {
    let text = '';
    try {
      text = readFileSync(this.path(`${node}.ledger`), 'utf8');
    } catch {
      // It has not begun.
    }
    let next = 0;
    const raised = new Set<number>();
    for (const line of text.split('\n')) {
      const [word, from, to] = line.split(' ');
      if (word === 'try') next = Math.max(next, Number(to));
      else if (word === 'raised') for (let number = Number(from); number < Number(to); number++) raised.add(number);
    }
    return { next, raised };
  }

  /** Lets nobody raise any more; what was raised is still sent. */
  async quiet(): Promise<void> {
    this.stopped = true;
    for (const agent of this.agents.values()) {
      await agent.end('SIGKILL');
      await agent.start();
    }
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await Promise.all([...this.agents.values(), this.collector].map((each) => each.end('SIGKILL')));
    await Promise.all([this.agentSide.stop(), this.clientSide.stop(), ...this.readers]);
    this.disks?.agent.remove();
    this.disks?.collector.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(): Promise<void> {
    await this.collector.start();
    for (let index = 0; index < this.options.subscribers; index++) {
      const received = new Map(this.options.nodes.map((node) => [node, newReceived()]));
      this.received.push(received);
      this.readers.push(this.read(received));
    }
    await Promise.all([...this.agents.values()].map((agent) => agent.start()));
  }

  private async read(received: ReadonlyMap<string, Received>): Promise<void> {
    const { signal } = this.abort;
    const tls = this.tls('client');
    // Some faults last longer than a client would wait for its first answer.
    const options = { address: `localhost:${this.clientSide.port}`, sinceNs: 0n, tls, signal, connectMs: 20_000 };
    for await (const item of subscribe(options)) {
      if (item.type === 'dropped') throw new Error('a drop notice: the subscriber was too slow for this test');
      if (item.type !== 'record' || item.envelope.body.type !== 'alert') continue;
      const node = received.get(item.envelope.agentId);
      if (node !== undefined) note(node, numberOf(item.envelope.body.alert));
    }
  }

  private collectorWords(): string[] {
    const { ca, cert, key } = this.tls('collector');
    const data = this.disks?.collector.folder ?? this.path('collector');
    const listen = ['--listen', `127.0.0.1:${this.port}`, '--http', 'none', '--data', join(data, 'data')];
    return ['collector', ...listen, '--tls-ca', ca, '--tls-cert', cert, '--tls-key', key];
  }

  private producerOptions(node: string): ProducerOptions {
    const { next } = this.ledger(node);
    return {
      dir: join(this.disks?.agent.folder ?? this.folder, node),
      address: `localhost:${this.agentSide.port}`,
      node,
      from: next,
      perSecond: this.options.perSecond,
      ...(this.stopped ? { count: 0 } : {}),
      ledger: this.path(`${node}.ledger`),
      tls: this.tls(node),
      drainMs: 30_000,
    };
  }

  private tls(name: string) {
    const file = (end: string) => this.path(`certificates/${end}`);
    return { ca: file('ca.crt'), cert: file(`${name}.crt`), key: file(`${name}.key`) };
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}

function newReceived(): Received {
  return { numbers: [], seen: new Set(), repeated: 0, outOfOrder: 0 };
}

function note(received: Received, number: number): void {
  if (received.seen.has(number)) {
    received.repeated++;
    return;
  }
  if (number < (received.numbers.at(-1) ?? -1)) received.outOfOrder++;
  received.seen.add(number);
  received.numbers.push(number);
}
