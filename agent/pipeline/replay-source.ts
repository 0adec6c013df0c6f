import type { Event, TaskFacts } from '../events/event.ts';
import type { Gap } from '../events/gap.ts';
import type { Plan } from '../events/plan.ts';
import { AtalayaError } from '../lib/errors.ts';
import { isCapture } from '../sources/capture/reader.ts';
import { isScapFile } from '../sources/scap/detect.ts';
import type { SourceContexts } from './context.ts';
import { openNativeReplay } from './replay-native.ts';
import { openScapReplay } from './replay-scap.ts';
import type { World } from './world.ts';

/** A capture, whatever its format: the machine as it was, and what happened on it. */
export interface ReplaySource {
  readonly world: World;
  /** State that the capture brings with it; absent: it follows from the events. */
  readonly contexts?: SourceContexts;
  /** What was collected; undefined where the capture does not say. */
  readonly plan: Plan | undefined;
  /**
   * In order, to be read once, each step before the next is asked for. What stands before damage is given, then E_CAPTURE
   * is thrown.
   */
  steps(): Iterable<ReplayStep> | AsyncIterable<ReplayStep>;
  /** What of it was passed over, and why: for people, at the end. */
  notes?(): readonly string[];
}

export type ReplayStep =
  /** Processes that there were before. */
  | { readonly type: 'tasks'; forEach(visit: (task: TaskFacts) => void): void }
  /** An event is valid during its visit only. */
  | { readonly type: 'events'; forEach(visit: (event: Event) => void): void }
  | { readonly type: 'gap'; readonly gap: Gap };

/** A kind of file that can be replayed. */
interface CaptureFormat {
  /** Whether a file is one; throws what the system says when it cannot be read. */
  detect(path: string): boolean;
  /** Reads up to where the machine is known. Throws E_CAPTURE or E_CAPTURE_OPEN. */
  open(path: string): ReplaySource | Promise<ReplaySource>;
}

/** Those that are known, in the order in which they are tried. */
const FORMATS: readonly CaptureFormat[] = [
  { detect: isCapture, open: openNativeReplay },
  { detect: isScapFile, open: openScapReplay },
];

/** Throws E_CAPTURE_OPEN where the file cannot be read, E_CAPTURE where it is no capture. */
export async function openReplay(path: string): Promise<ReplaySource> {
  let format: CaptureFormat | undefined;
  try {
    format = FORMATS.find(({ detect }) => detect(path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_CAPTURE_OPEN', `${path} cannot be read: ${why}`, { cause });
  }
  if (format === undefined) throw new AtalayaError('E_CAPTURE', `${path} is no capture: at byte 0: no known format`);
  return format.open(path);
}
