import { hostname as systemHostname } from 'node:os';
import type { Redactor } from '../alert/redact.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import type { Plan } from '../events/plan.ts';
import type { MatchContext } from '../fields/context.ts';
import { mergePlans } from '../rules/plan.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import type { Fact } from '../sources/capture/header.ts';
import type { Recorder } from '../sources/capture/recorder.ts';
import type { LiveBatch, LiveSource } from '../sources/live/source.ts';
import { agentPlan } from './agent-plan.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { createLiveWorld, type LiveWorldOptions, type World } from './world.ts';

export interface LiveOptions {
  readonly source: LiveSource;
  /** Name of this node; '' = the host name. */
  readonly node: string;
  readonly ruleSet: RuleSet<MatchContext>;
  readonly matching: 'all' | 'first';
  readonly redactor: Redactor;
  readonly processLimitBytes: number;
  /** Name of the cluster that this node is in; '' = not told. */
  readonly cluster?: string;
  /** Where the host's root is seen; '' = as our own. */
  readonly hostRoot?: string;
  /** Opens the container runtimes; absent: nobody is asked what a container is. */
  readonly runtimes?: LiveWorldOptions['runtimes'];
  /** How long a decision waits for what they say, ms. Default 0. */
  readonly waitMs?: number;
  /** Collected beside what the rules need: for a recorder. */
  readonly extra?: Plan;
  /** Makes the recorder of all that is collected. */
  readonly record?: (world: World, plan: Plan) => Promise<Recorder>;
  /** Takes what a batch raised. The batch goes back to the sensor at once, or when the promise settles. */
  readonly onRaised: (bodies: readonly EnvelopeBody[]) => Promise<void> | undefined;
  /** The recorder cannot write any more, or a batch could not be worked through. */
  readonly onError: (error: Error) => void;
}

/** The events of this machine on their way to alerts. */
export interface Live {
  readonly world: World;
  readonly pipeline: Pipeline;
  readonly source: LiveSource;
  /** What is collected now. */
  readonly plan: Plan;
  /** Records whose batch has been worked through. */
  readonly records: number;
  /** Swaps the rules between two batches. */
  reload(ruleSet: RuleSet<MatchContext>): void;
  /** Works through what was recorded before, then ends. */
  stop(): Promise<void>;
}

/** Attaches the programs, takes the processes that there are, and works through batch after batch. Throws SensorError. */
export async function startLive(options: LiveOptions): Promise<Live> {
  const live = new LivePipeline(options);
  await live.start();
  return live;
}

class LivePipeline implements Live {
  readonly world: World;
  readonly pipeline: Pipeline;
  readonly source: LiveSource;
  plan: Plan;
  records = 0;
  private readonly options: LiveOptions;
  private recorder: Recorder | undefined;
  /** What was learned before there is a recorder to tell. */
  private readonly early: Fact[] = [];
  private readonly refresh: NodeJS.Timeout;
  private ticking: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(options: LiveOptions) {
    const { source, node, ruleSet, matching, redactor, processLimitBytes } = options;
    this.options = options;
    this.source = source;
    this.world = createLiveWorld({
      hostname: node === '' ? systemHostname() : node,
      cgroupHierarchy: source.cgroupHierarchy,
      onFact: (fact) => this.learned(fact),
      runtimes: options.runtimes,
      hostRoot: options.hostRoot,
      cluster: options.cluster,
    });
    const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n;
    const { world } = this;
    this.pipeline = createPipeline({
      world,
      origin: source.origin,
      ruleSet,
      matching,
      redactor,
      processLimitBytes,
      nowNs,
      late: { waitMs: options.waitMs ?? 0, nowMs: () => performance.now(), onRaised: () => this.flush() },
    });
    this.plan = this.planFor(ruleSet);
    this.refresh = setInterval(() => world.refresh(), REFRESH_MS);
    this.refresh.unref();
  }

  async start(): Promise<void> {
    const { source, plan, world } = this;
    source.setPlan(plan);
    this.recorder = await this.options.record?.(world, plan);
    for (const fact of this.early.splice(0)) this.recorder?.fact(fact);
    source.attach();
    const tasks = source.tasks();
    this.pipeline.seed(tasks);
    this.recorder?.tasks(tasks);
    source.start((batch) => this.take(batch), this.options.onError);
  }

  reload(ruleSet: RuleSet<MatchContext>): void {
    const next = this.planFor(ruleSet);
    // What either set needs is let through while one gives way to the other.
    this.source.setPlan(mergePlans([this.plan, next]));
    this.pipeline.reload(ruleSet);
    this.source.setPlan(next);
    this.plan = next;
  }

  async stop(): Promise<void> {
    clearInterval(this.refresh);
    this.world.close?.();
    try {
      await this.source.stop();
      this.stopped = true;
      clearTimeout(this.ticking);
      this.pipeline.endWaiting();
      this.flush();
      await this.recorder?.close();
    } finally {
      this.source.close();
    }
  }

  private planFor(ruleSet: RuleSet<MatchContext>): Plan {
    const { extra } = this.options;
    return agentPlan(extra === undefined ? ruleSet.plan() : mergePlans([ruleSet.plan(), extra]));
  }

  /** Hands on what was raised outside of a batch. */
  private flush(): void {
    const raised = this.pipeline.raised();
    if (raised.length > 0) void this.options.onRaised(raised);
  }

  /** As long as decisions wait. */
  private keepTicking(): void {
    if (this.ticking !== undefined || this.stopped || !this.pipeline.isWaiting) return;
    this.ticking = setTimeout(() => {
      this.ticking = undefined;
      this.pipeline.tick();
      this.flush();
      this.keepTicking();
    }, TICK_MS);
  }

  private learned(fact: Fact): void {
    if (this.options.record === undefined) return;
    if (this.recorder === undefined) this.early.push(fact);
    else this.recorder.fact(fact);
  }

  private take(batch: LiveBatch): void {
    const { recorder, options } = this;
    const raised = this.pipeline.run(batch);
    this.records += batch.count;
    this.keepTicking();
    const waits: Promise<void>[] = [];
    const written = raised.length === 0 ? undefined : options.onRaised(raised);
    if (written !== undefined) waits.push(written);
    if (recorder !== undefined) {
      const { wallOffsetNs } = this.source.origin;
      waits.push(recorder.batch(batch, batch.count, wallOffsetNs).catch(options.onError));
    }
    if (waits.length === 0) batch.release();
    else void Promise.allSettled(waits).then(() => batch.release());
  }
}

/** How often waiting decisions are looked at. */
const TICK_MS = 50;
/** How often the account files are looked at. */
const REFRESH_MS = 1000;
