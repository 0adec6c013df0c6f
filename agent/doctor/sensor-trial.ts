import { spawn } from 'node:child_process';
import { SensorError } from '../../native/index.ts';
import type { Machine } from '../decode/syscalls.ts';
import type { CollectedKind, Lane } from '../events/kinds.ts';
import { planOf } from '../rules/plan.ts';
import { type LiveSource, openLiveSource } from '../sources/live/source.ts';
import type { Check } from './check.ts';

/** Sizes of the rings in native/bpf/maps.h. */
export const RING_BYTES: Readonly<Record<Lane, number>> = { rare: 1 << 20, lifecycle: 4 << 20, bulk: 8 << 20 };

const POOL_BYTES = 8 << 20;
const EVENT_WAIT_MS = 3000;

export interface Trial {
  readonly checks: readonly Check[];
  /** An event of this node arrived. */
  readonly works: boolean;
}

export interface TrialOptions {
  readonly machine: Machine;
  /** Everything that is to be collected. */
  readonly kinds: readonly CollectedKind[];
  /** File of the programs; absent: the one of this build. */
  readonly objectPath?: string;
}

/**
 * Does for a moment what the agent does: loads the programs, attaches them, lists the processes, and waits for the event
 * of a process that it starts. Ends at the first step that fails.
 */
export async function trySensor(options: TrialOptions): Promise<Trial> {
  const checks: Check[] = [];
  let source: LiveSource | undefined;
  try {
    source = openLiveSource({ ...options, cgroups: 'auto', poolBytes: POOL_BYTES });
    checks.push({ name: 'programs load', state: 'ok', found: 'the verifier takes all of them' });
    source.setPlan(planOf(options.kinds, { by: 'state', name: 'doctor' }));
    source.attach();
    const attached = source.stats().programs.filter((program) => program.attached);
    checks.push({ name: 'programs attach', state: 'ok', found: attached.map(({ name }) => name).join(' ') });
    const bytes = source.tasks().length;
    checks.push({ name: 'process list', state: 'ok', found: `the iterator gives ${bytes} bytes` });
    const works = await eventArrives(source);
    checks.push(works ? arrived : didNotArrive, ...settings(source));
    return { checks, works };
  } catch (error) {
    if (!(error instanceof SensorError)) throw error;
    return { checks: [...checks, failed(error)], works: false };
  } finally {
    source?.close();
  }
}

const arrived: Check = { name: 'events arrive', state: 'ok', found: 'a process that was started was seen' };
const didNotArrive: Check = {
  name: 'events arrive',
  state: 'missing',
  found: `none within ${EVENT_WAIT_MS / 1000} s, though a process was started`,
  means: 'The programs are attached, but do not see the processes of this node.',
};

function failed({ operation, message, code, hint, verifierLog = '' }: SensorError): Check {
  // Of other failures the message says all that there is.
  const said = code === 'E_BPF_LOAD' ? ` ${verifierLog.split('\n').slice(-3).join(' | ')}` : '';
  const step = operation === 'load' ? 'programs load' : operation.startsWith('attach') ? 'programs attach' : operation;
  return { name: step, state: 'missing', found: message, means: `${hint}${said}` };
}

function eventArrives(source: LiveSource): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), EVENT_WAIT_MS);
    source.start((batch) => {
      const { count } = batch;
      batch.release();
      if (count === 0) return;
      clearTimeout(timer);
      resolve(true);
    }, reject);
    // The agent's own events are left out: a child's are not.
    spawn(process.execPath, ['--version'], { stdio: 'ignore' }).on('error', reject);
  });
}

/** How what works is set up here. */
function settings(source: LiveSource): readonly Check[] {
  const rings = Object.entries(RING_BYTES).map(([lane, bytes]) => `${lane} ${bytes / 2 ** 20} MiB`);
  return [
    hookPlan(source),
    reader(source),
    { name: 'rings', state: 'ok', found: rings.join(', ') },
    { name: 'cgroup ids', state: 'ok', found: `of ${hierarchyText(source.cgroupHierarchy)}` },
  ];
}

function hookPlan({ hookPlan: plan }: LiveSource): Check {
  return {
    name: 'hook plan',
    state: 'limited',
    found: `${plan}: one program where system calls return, and the tracepoints of fork, exec and exit`,
    means:
      'A thread that shares its descriptors with another can swap one before the call returns; such records carry a mark. ' +
      'Plans that hook the functions themselves are not built yet.',
  };
}

function hierarchyText(hierarchy: string): string {
  return hierarchy === 'v2' ? 'the v2 hierarchy' : `the v1 hierarchy of ${hierarchy}`;
}

function reader(source: LiveSource): Check {
  const { scheduler } = source.stats();
  const name = "reader's priority";
  if (scheduler === 'fifo') return { name, state: 'ok', found: 'SCHED_FIFO 1' };
  return {
    name,
    state: 'limited',
    found: scheduler === 'nice' ? 'nice -20; SCHED_FIFO is refused' : 'that of ordinary threads',
    means:
      'A loop of vfork on every core can starve the reader for seconds; what is lost then is told as a gap. CAP_SYS_NICE, ' +
      'or a limit of real-time priority (ulimit -r) of 1, helps.',
  };
}
