import { hostname } from 'node:os';
import { createRedactor } from './alert/redact.ts';
import type { ApiServer, Readiness } from './api/server.ts';
import type { Config } from './config/config.gen.ts';
import { type Delivery, startDelivery } from './delivery.ts';
import type { Heartbeat } from './events/alert.ts';
import type { Plan } from './events/plan.ts';
import { type Cluster, findCluster, openCluster } from './kubernetes/open-cluster.ts';
import type { Log } from './log.ts';
import { type AgentMetrics, createCounts } from './metrics/agent-metrics.ts';
import { tellCluster, tellRuntime } from './notices.ts';
import { hasSpool } from './outputs/spool.ts';
import { compileAgentRulesInSlices } from './pipeline/agent-rules.ts';
import { createContainerDetails } from './pipeline/container-details.ts';
import { type Live, type LiveOptions, startLive } from './pipeline/live.ts';
import type { LoadedRules } from './pipeline/load-rules.ts';
import { bundledRules } from './pipeline/rule-files.ts';
import { type RuleWatch, watchRules } from './pipeline/rule-watch.ts';
import { bootId, thisMachine, type World } from './pipeline/world.ts';
import { unmatchedTargets } from './rules/selection.ts';
import { openRuntimes } from './runtime/open-runtimes.ts';
import type { Runtimes, RuntimesOptions } from './runtime/runtimes.ts';
import type { Recorder } from './sources/capture/recorder.ts';
import { openLiveSource } from './sources/live/source.ts';

export interface AgentOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  /** Called once events are worked through, before the log says so. */
  readonly onWorks?: () => void;
  /** Records all that is collected beside. */
  readonly record?: (world: World, plan: Plan) => Promise<Recorder>;
}

/** One node's agent, at work. */
export interface Agent {
  /** Where /metrics, /healthz and /readyz are; undefined = nowhere. */
  readonly httpAddress: string | undefined;
  /** Reads the rule files again, beside the work; on an error the rules in force stay. True when they were replaced. */
  reload(): Promise<boolean>;
  /** Opens output files anew. */
  reopen(): void;
  /** Raises what was recorded before, then ends. */
  stop(): Promise<void>;
}

/** How often the rule files are looked at. */
const WATCH_MS = 1000;

/**
 * Puts an agent together from its configuration and starts it. The sensor attaches last: when anything else is wrong, no
 * program has run. Throws AtalayaError (E_RULES, E_DATA_DIR, E_OUTPUT, E_PORT_IN_USE, ...) and SensorError.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const agent = new NodeAgent(options);
  try {
    await agent.start();
    return agent;
  } catch (error) {
    await agent.stop();
    throw error;
  }
}

class NodeAgent implements Agent {
  private readonly options: AgentOptions;
  private readonly node: string;
  private readonly counts = createCounts();
  private delivery: Delivery | undefined;
  private live: Live | undefined;
  private metrics: AgentMetrics | undefined;
  private api: ApiServer | undefined;
  private watch: RuleWatch | undefined;
  private heartbeats: NodeJS.Timeout | undefined;
  private runtimes: Runtimes | undefined;
  private cluster: Cluster | undefined;
  /** Under way or done, and the one behind it. */
  private lastReload: Promise<unknown> | undefined;
  private nextReload: Promise<boolean> | undefined;
  /** Why the rule files of now are not in force. */
  private reloadError: string | undefined;
  /** Something that cannot mend itself. */
  private fault: string | undefined;
  private stopping: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    this.options = options;
    this.node = options.config.node === '' ? hostname() : options.config.node;
  }

  get httpAddress(): string | undefined {
    return this.api?.address;
  }

  async start(): Promise<void> {
    const { config } = this.options;
    const rules = await compileAgentRulesInSlices(config.rules);
    this.warn(rules);
    // Another agent may have the folder: that is found before the kernel takes the programs, which costs seconds. A new
    // folder is only filled once it has.
    if (hasSpool(config.data)) this.delivery = await this.startDelivery();
    const source = this.openSource();
    try {
      this.delivery ??= await this.startDelivery();
      await this.startApi();
      this.live = await this.startLive(source, rules);
    } catch (error) {
      source.close();
      throw error;
    }
    const { paths } = config.rules;
    this.watch = watchRules(paths.length === 0 ? [bundledRules()] : paths, WATCH_MS, () => void this.reload());
    this.heartbeat();
    this.heartbeats = setInterval(() => this.heartbeat(), config.heartbeat_seconds * 1000);
    this.options.onWorks?.();
    this.tellReady(rules);
  }

  reload(): Promise<boolean> {
    // One at a time. Who asks while one waits is served by it, for it reads the files later.
    this.nextReload ??= (this.lastReload ?? Promise.resolve()).then(() => {
      this.lastReload = this.nextReload;
      this.nextReload = undefined;
      return this.reloadNow();
    });
    return this.nextReload;
  }

  private async reloadNow(): Promise<boolean> {
    const { live, options, counts } = this;
    if (live === undefined || this.stopping !== undefined) return false;
    try {
      const rules = await compileAgentRulesInSlices(options.config.rules, { reload: true });
      if (this.stopping !== undefined) return false;
      live.reload(rules.ruleSet);
      this.warn(rules);
    } catch (error) {
      counts.reloadFailures++;
      this.reloadError = messageOf(error);
      options.log.error({ error: this.reloadError }, 'the rules were not reloaded; those in force stay');
      return false;
    }
    counts.reloads++;
    this.reloadError = undefined;
    const { active, digest } = live.pipeline.ruleSet;
    options.log.info({ rules: active.length, digest, kinds: kindsOf(live) }, 'rules reloaded');
    return true;
  }

  reopen(): void {
    this.delivery?.reopen();
  }

  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    this.watch?.stop();
    clearInterval(this.heartbeats);
    await this.live?.stop();
    await this.cluster?.stop();
    await this.delivery?.stop();
    this.metrics?.stop();
    await this.api?.stop();
  }

  private startDelivery(): Promise<Delivery> {
    const { config, version, log } = this.options;
    return startDelivery({ config, agentId: this.node, bootId: bootId(), version, log, counts: this.counts });
  }

  private openSource() {
    const { config, log } = this.options;
    const { object, cgroups, pool_mib } = config.sensor;
    return openLiveSource({
      machine: thisMachine(),
      cgroups,
      poolBytes: pool_mib * 1024 * 1024,
      ...(object === '' ? {} : { objectPath: object }),
      onClockStep: (byNs) => {
        this.counts.clockSteps++;
        log.warn({ bySeconds: Number(byNs / 1_000_000n) / 1000 }, 'the clock was set; times of events follow it');
      },
    });
  }

  private startLive(source: ReturnType<typeof openLiveSource>, { ruleSet }: LoadedRules): Promise<Live> {
    const { config, record } = this.options;
    return startLive({
      source,
      node: this.node,
      ruleSet,
      matching: config.rules.matching,
      redactor: createRedactor(config.redact),
      processLimitBytes: config.state.processes_mib * 1024 * 1024,
      ...(record === undefined ? {} : { record }),
      ...(config.containers.enabled ? { runtimes: this.openDetails() } : {}),
      cluster: config.kubernetes.cluster,
      waitMs: config.containers.wait_ms,
      hostRoot: config.containers.host_root,
      onRaised: (bodies) => this.delivery?.raise(bodies),
      onError: (error) => this.failed(error),
    });
  }

  /** The runtimes, and what the cluster adds to what they say. */
  private openDetails(): NonNullable<LiveOptions['runtimes']> {
    const open = (onAnswer: RuntimesOptions['onAnswer']): Runtimes => this.openRuntimes(onAnswer);
    const { pods, kubeconfig, node } = this.options.config.kubernetes;
    const access = pods ? findCluster(kubeconfig, process.env) : undefined;
    if (access === undefined) return open;
    const details = createContainerDetails(open, {
      enrich: (fullId, info) => this.cluster?.enrich(fullId, info) ?? info,
    });
    this.cluster = openCluster({
      access,
      node: node === '' ? this.node : node,
      onChange: (fullIds) => details.changed(fullIds),
      onNotice: (notice) => tellCluster(this.options.log, access.server, notice),
    });
    return details.open;
  }

  private openRuntimes(onAnswer: RuntimesOptions['onAnswer']): Runtimes {
    const { config, log } = this.options;
    const { sockets, bundles, host_root: hostRoot } = config.containers;
    this.runtimes = openRuntimes({
      sockets,
      bundles,
      hostRoot,
      onAnswer,
      onNotice: (notice) => tellRuntime(log, notice),
      onCut: () => this.counts.containerCuts++,
    });
    return this.runtimes;
  }

  /** Metrics are only made where somebody can ask for them. */
  private async startApi(): Promise<void> {
    const { config, version } = this.options;
    const { delivery, counts } = this;
    if (config.http === 'none' || delivery === undefined) return;
    const [{ createAgentMetrics }, { startApiServer }] = await Promise.all([
      import('./metrics/agent-metrics.ts'),
      import('./api/server.ts'),
    ]);
    const { spool, outputs, forwarder } = delivery;
    const metrics = createAgentMetrics({
      version,
      live: () => this.live,
      runtimes: () => this.runtimes,
      cluster: () => this.cluster,
      spool,
      outputs,
      forwarder,
      counts,
    });
    this.metrics = metrics;
    this.api = await startApiServer({ listen: config.http, metrics, readiness: () => this.readiness() });
  }

  private readiness(): Readiness {
    const { live, delivery, reloadError } = this;
    const problems = [
      ...(live === undefined ? ['the sensor is not attached yet'] : []),
      ...(this.stopping === undefined ? [] : ['ending']),
      ...(delivery?.spool.stats().failing === true ? ['the spool cannot be written'] : []),
      ...(this.fault === undefined ? [] : [this.fault]),
    ];
    return {
      ready: problems.length === 0,
      detail: {
        problems,
        ...(reloadError === undefined ? {} : { reload: reloadError }),
        ...(live === undefined ? {} : this.facts(live)),
        ...(delivery?.forwarder === undefined ? {} : { collector: delivery.forwarder.stats().connected }),
      },
    };
  }

  private facts(live: Live): Record<string, unknown> {
    const { active, digest } = live.pipeline.ruleSet;
    return { rules: active.length, digest, kinds: kindsOf(live), hookPlan: live.source.hookPlan };
  }

  private heartbeat(): void {
    const { live } = this;
    if (live === undefined) return;
    const { produced, lost } = live.source.stats();
    const heartbeat: Heartbeat = {
      timeNs: BigInt(Date.now()) * 1_000_000n,
      version: this.options.version,
      ruleSetDigest: live.pipeline.ruleSet.digest,
      hookPlan: live.source.hookPlan,
      kinds: kindsOf(live),
      produced,
      lost,
      intervalMs: this.options.config.heartbeat_seconds * 1000,
    };
    void this.delivery?.raise([{ type: 'heartbeat', heartbeat }]);
  }

  private failed(error: Error): void {
    if (this.fault === undefined)
      this.options.log.error({ error: error.stack ?? error.message }, 'the pipeline failed');
    this.fault = `the pipeline failed: ${error.message}`;
  }

  private warn({ warnings, files, read, ruleSet }: LoadedRules): void {
    const { log, config } = this.options;
    // What nothing uses yet, a later file may use: only what is said after the last file counts.
    const atTheEnd = new Set<unknown>(files.at(-1)?.diagnostics);
    for (const warning of warnings) {
      const { file, line, column, code, message, item, nearest } = warning;
      if (code.startsWith('LOAD_UNUSED_') && !atTheEnd.has(warning)) continue;
      log.warn({ place: `${file}:${line}:${column}`, code, item, nearest }, message);
    }
    for (const { step, message, nearest } of unmatchedTargets(ruleSet.rules, config.rules.select)) {
      log.warn({ key: `rules.select.${step}`, nearest }, message);
    }
    for (const folder of read.empty) log.warn({ folder }, 'no rule file is in the folder');
  }

  private tellReady({ read }: LoadedRules): void {
    const { live, options, httpAddress } = this;
    if (live === undefined) return;
    const { config, log, version } = options;
    const facts = {
      version,
      node: this.node,
      ...this.facts(live),
      files: read.files.length,
      cgroups: live.source.cgroupHierarchy,
      collector: config.collector.address,
      http: httpAddress ?? 'none',
      data: config.data,
    };
    log.info(facts, 'ready');
  }
}

function kindsOf({ plan }: Live): string[] {
  return plan.kinds.map(({ kind }) => kind);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
