import { aggregationOf } from './config/aggregation.ts';
import type { Config } from './config/config.gen.ts';
import { securityOf } from './config/security.ts';
import type { EnvelopeBody } from './events/alert.ts';
import type { Log } from './log.ts';
import type { AgentCounts } from './metrics/agent-metrics.ts';
import { tellForwarder, tellOutput, tellSpool } from './notices.ts';
import { createFileOutput } from './outputs/file.ts';
import type { Forwarder } from './outputs/forwarder.ts';
import { attachOutput, type Output } from './outputs/output.ts';
import { openSpool, type Spool } from './outputs/spool.ts';
import { createStdoutOutput } from './outputs/stdout.ts';

export interface DeliveryOptions {
  readonly config: Pick<Config, 'data' | 'outputs' | 'collector' | 'spool' | 'aggregation'>;
  /** Name of the node. */
  readonly agentId: string;
  readonly bootId: string;
  readonly version: string;
  readonly log: Log;
  readonly counts: AgentCounts;
}

/** Where what was raised goes: the spool first, then the outputs and the collector. */
export interface Delivery {
  readonly spool: Spool;
  readonly outputs: readonly Output[];
  readonly forwarder: Forwarder | undefined;
  /** Gives to the spool. A promise where more waits than should: whoever raises then pauses until it settles. */
  raise(bodies: readonly EnvelopeBody[]): Promise<void> | undefined;
  /** Opens output files anew. */
  reopen(): void;
  /** Commits, shows and sends what waits, as far as that takes no longer than an end may. */
  stop(): Promise<void>;
}

/** Records that may wait for a commit before batches are held back: several commits' worth. */
const WAITING_MAX = 4000;
/** What of an end's two seconds the collector may take to acknowledge the last alerts. */
const DRAIN_MS = 400;

/** Throws E_DATA_DIR, E_DATABASE, E_OUTPUT, E_ADDRESS, E_TLS. */
export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { config, agentId, bootId, log } = options;
  const outputs: Output[] = [];
  const spool = openSpool({
    dir: config.data,
    agentId,
    bootId,
    limitBytes: config.spool.limit_mib * 1024 * 1024,
    aggregation: aggregationOf(config.aggregation),
    keep: config.collector.address !== 'none',
    onNotice: (notice) => tellSpool(log, notice),
  });
  try {
    for (const name of config.outputs) outputs.push(createOutput(name, log));
    const forwarder = await startForwarder(options, spool);
    for (const output of outputs) attachOutput(spool, output);
    return new SpooledDelivery(spool, outputs, forwarder, options.counts);
  } catch (error) {
    await spool.close();
    await Promise.all(outputs.map((output) => output.close()));
    throw error;
  }
}

function createOutput(name: string, log: Log): Output {
  const onNotice = (notice: Parameters<typeof tellOutput>[2]): void => tellOutput(log, name, notice);
  if (name === 'stdout') return createStdoutOutput({ onNotice });
  return createFileOutput({ path: name.slice('file:'.length), onNotice });
}

/** gRPC is only loaded where there is a collector. */
async function startForwarder(options: DeliveryOptions, spool: Spool): Promise<Forwarder | undefined> {
  const { config, agentId, version, log } = options;
  const { address, compression } = config.collector;
  if (address === 'none') return undefined;
  const { createForwarder } = await import('./outputs/forwarder.ts');
  return createForwarder({
    spool,
    address,
    compression,
    agentId,
    hostname: agentId,
    version,
    ...securityOf(config.collector),
    onNotice: (notice) => tellForwarder(log, notice),
  });
}

class SpooledDelivery implements Delivery {
  readonly spool: Spool;
  readonly outputs: readonly Output[];
  readonly forwarder: Forwarder | undefined;
  private readonly counts: AgentCounts;
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(spool: Spool, outputs: readonly Output[], forwarder: Forwarder | undefined, counts: AgentCounts) {
    this.spool = spool;
    this.outputs = outputs;
    this.forwarder = forwarder;
    this.counts = counts;
  }

  raise(bodies: readonly EnvelopeBody[]): Promise<void> | undefined {
    this.count(bodies);
    this.waiting += bodies.length;
    this.last = this.spool
      .append(bodies)
      .catch(() => {
        // The spool has told why, and counts what it could not keep.
        this.counts.rejected += bodies.length;
      })
      .finally(() => {
        this.waiting -= bodies.length;
      });
    // While the disk fails the spool itself sheds: then nothing is gained by a pause.
    return this.waiting > WAITING_MAX && !this.spool.stats().failing ? this.last : undefined;
  }

  reopen(): void {
    for (const output of this.outputs) if (isFile(output)) output.reopen();
  }

  async stop(): Promise<void> {
    await Promise.race([this.last, wait(DRAIN_MS)]);
    await this.forwarder?.stop(DRAIN_MS);
    await this.spool.close();
    await Promise.all(this.outputs.map((output) => output.close()));
  }

  private count(bodies: readonly EnvelopeBody[]): void {
    this.counts.raised += bodies.length;
    const { lost } = this.counts;
    for (const body of bodies) {
      if (body.type !== 'gap') continue;
      const { stage, cause, count } = body.gap;
      const known = lost.get(`${stage} ${cause}`);
      if (known === undefined) lost.set(`${stage} ${cause}`, { stage, cause, count });
      else known.count += count;
    }
  }
}

function isFile(output: Output): output is ReturnType<typeof createFileOutput> {
  return 'reopen' in output;
}

function wait(limitMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, limitMs).unref());
}
