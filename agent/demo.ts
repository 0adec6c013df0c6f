import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createRedactor } from './alert/redact.ts';
import type { Config } from './config/config.gen.ts';
import { type Delivery, startDelivery } from './delivery.ts';
import type { Log } from './log.ts';
import { createCounts } from './metrics/agent-metrics.ts';
import { compileAgentRules } from './pipeline/agent-rules.ts';
import type { LoadedRules } from './pipeline/load-rules.ts';
import { type ReplayResult, replay } from './pipeline/replay.ts';
import { bootId } from './pipeline/world.ts';

export interface DemoOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  readonly capture: string;
  /** Called once all was replayed, before the log says so. */
  readonly onWorks?: () => void;
}

export interface Demo {
  /** An earlier start has raised the same alerts into the same folder: they are not raised again. */
  readonly raisedEarlier: boolean;
  stop(): Promise<void>;
}

/** In the data folder: of which capture and rules the alerts are there. */
const STAMP = 'replayed';

/**
 * What an agent delivers, of a capture instead of this machine: for where no program can be loaded. Its alerts are raised
 * once for a data folder: with the same uuids again they would only be there twice.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { config, version, log, capture, onWorks } = options;
  const { ruleSet } = compileAgentRules(config.rules);
  const agentId = config.node === '' ? hostname() : config.node;
  const delivery = await startDelivery({ config, agentId, bootId: bootId(), version, log, counts: createCounts() });
  try {
    const stampFile = join(config.data, STAMP);
    const stamp = stampOf(capture, ruleSet.digest);
    const raisedEarlier = readStamp(stampFile) === stamp;
    const { events, alerts } = raisedEarlier ? { events: 0, alerts: 0 } : await raiseAll(options, ruleSet, delivery);
    writeFileSync(stampFile, stamp);
    onWorks?.();
    const { address } = config.collector;
    log.info({ capture, events, alerts, raisedEarlier, rules: ruleSet.active.length, collector: address }, 'ready');
    return { raisedEarlier, stop: () => delivery.stop() };
  } catch (error) {
    await delivery.stop();
    throw error;
  }
}

async function raiseAll(
  { config, capture }: DemoOptions,
  ruleSet: LoadedRules['ruleSet'],
  delivery: Delivery,
): Promise<ReplayResult> {
  const result = await replay(capture, {
    ruleSet,
    matching: config.rules.matching,
    redactor: createRedactor(config.redact),
    processLimitBytes: config.state.processes_mib * 1024 * 1024,
    onRaised: (bodies) => delivery.raise(bodies),
  });
  if (result.damage !== undefined) throw result.damage;
  return result;
}

function stampOf(capture: string, digest: string): string {
  return `${createHash('sha256').update(readFileSync(capture)).digest('hex')} ${digest}\n`;
}

function readStamp(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
