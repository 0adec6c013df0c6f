import { createRedactor } from './alert/redact.ts';
import type { Config } from './config/config.gen.ts';
import { EVENT_KINDS } from './events/kinds.ts';
import type { Log } from './log.ts';
import { captureHeader } from './pipeline/capture-header.ts';
import { type Live, startLive } from './pipeline/live.ts';
import { thisMachine } from './pipeline/world.ts';
import { createRuleSet } from './rules/create-rule-set.ts';
import { mergePlans, planOf } from './rules/plan.ts';
import { createRecorder, type Recorder, type RecorderStats } from './sources/capture/recorder.ts';
import { openLiveSource } from './sources/live/source.ts';

export interface RecordingOptions {
  readonly path: string;
  readonly config: Pick<Config, 'node' | 'sensor' | 'state'>;
  readonly version: string;
  readonly log: Log;
  /** The file cannot be written any more. */
  readonly onError: (error: Error) => void;
}

export interface Recording {
  readonly kinds: readonly string[];
  readonly hookPlan: string;
  /** Hierarchy whose cgroups tell containers apart: v2 or a controller. */
  readonly cgroups: string;
  /** Events that the kernel could not hand over. */
  lost(): bigint;
  stats(): RecorderStats;
  /** Writes what was recorded before, then closes the file. Rejects with E_CAPTURE_WRITE. */
  stop(): Promise<void>;
}

/** Everything that can be collected, whatever rules there are: a capture is read with other rules later. */
const EVERYTHING = mergePlans([
  planOf(EVENT_KINDS, { by: 'recorder', name: 'all events' }),
  { kinds: [], environment: true },
]);

/** Records this machine's events into a file. Throws E_CAPTURE_WRITE and SensorError. */
export async function startRecording(options: RecordingOptions): Promise<Recording> {
  const { path, config, version, log, onError } = options;
  const source = openLiveSource({
    machine: thisMachine(),
    cgroups: config.sensor.cgroups,
    poolBytes: config.sensor.pool_mib * 1024 * 1024,
    ...(config.sensor.object === '' ? {} : { objectPath: config.sensor.object }),
    onClockStep: (byNs) => log.warn({ bySeconds: Number(byNs / 1_000_000n) / 1000 }, 'the clock was set'),
  });
  let recorder: Recorder | undefined;
  let live: Live;
  try {
    live = await startLive({
      source,
      node: config.node,
      ruleSet: createRuleSet([], [], { hash: () => '' }),
      matching: 'all',
      redactor: createRedactor({ enabled: false, names: [] }),
      processLimitBytes: config.state.processes_mib * 1024 * 1024,
      extra: EVERYTHING,
      record: async (world, plan) => {
        recorder = await createRecorder(path, captureHeader(world, plan, version));
        return recorder;
      },
      onRaised: () => undefined,
      onError,
    });
  } catch (error) {
    source.close();
    await recorder?.close();
    throw error;
  }
  return {
    kinds: live.plan.kinds.map(({ kind }) => kind),
    hookPlan: source.hookPlan,
    cgroups: source.cgroupHierarchy,
    lost: () => source.stats().lost,
    stats: () => recorder?.stats() ?? { events: 0n, bytes: 0 },
    stop: () => live.stop(),
  };
}
