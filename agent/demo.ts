import { hostname } from 'node:os';
import { createRedactor } from './alert/redact.ts';
import type { Config } from './config/config.gen.ts';
import { startDelivery } from './delivery.ts';
import type { Log } from './log.ts';
import { createCounts } from './metrics/agent-metrics.ts';
import { compileAgentRules } from './pipeline/agent-rules.ts';
import { type ReplayResult, replay } from './pipeline/replay.ts';
import { bootId } from './pipeline/world.ts';

export interface DemoOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  readonly capture: string;
}

/** What an agent delivers, of a capture instead of this machine: for where no program can be loaded. */
export async function startDemo(options: DemoOptions): Promise<ReplayResult & { stop(): Promise<void> }> {
  const { config, version, log, capture } = options;
  const { ruleSet } = compileAgentRules(config.rules);
  const agentId = config.node === '' ? hostname() : config.node;
  const delivery = await startDelivery({ config, agentId, bootId: bootId(), version, log, counts: createCounts() });
  try {
    const result = await replay(capture, {
      ruleSet,
      matching: config.rules.matching,
      redactor: createRedactor(config.redact),
      processLimitBytes: config.state.processes_mib * 1024 * 1024,
      onRaised: (bodies) => delivery.raise(bodies),
    });
    if (result.damage !== undefined) throw result.damage;
    const { events, alerts } = result;
    log.info({ capture, events, alerts, rules: ruleSet.active.length, collector: config.collector.address }, 'ready');
    return { ...result, stop: () => delivery.stop() };
  } catch (error) {
    await delivery.stop();
    throw error;
  }
}
