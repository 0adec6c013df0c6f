import { readFileSync } from 'node:fs';
import type { ByteString } from '../events/bytestring.ts';
import type { Plan } from '../events/plan.ts';
import type { MatchContext } from '../fields/context.ts';
import { AtalayaError } from '../lib/errors.ts';
import { createContexts } from '../pipeline/context.ts';
import { openReplay } from '../pipeline/replay-source.ts';
import { readScapContexts } from '../pipeline/scap.ts';
import { isCapture } from '../sources/capture/reader.ts';
import { isScapFile } from '../sources/scap/detect.ts';
import { parseServices } from '../state/services.ts';

/** State may take as much: a capture is read once, and the process ends. */
const PROCESS_BYTES_MAX = 256 * 1024 * 1024;

/** What a capture says of itself beside its events. */
export interface CaptureFacts {
  /** What was collected; undefined for captures of other tools, which collect whatever they were told to. */
  readonly plan: Plan | undefined;
}

/**
 * Shows every event of a capture, ours or .scap, with state as it was. What stands before damage is shown, then E_CAPTURE is
 * thrown; E_CAPTURE_OPEN where the file cannot be read.
 */
export async function readContexts(path: string, visit: (context: MatchContext) => void): Promise<CaptureFacts> {
  if (opened(path, isCapture)) return readNative(path, visit);
  if (!opened(path, isScapFile))
    throw new AtalayaError('E_CAPTURE', `${path} is no capture: at byte 0: no known format`);
  const world = { services: parseServices(localServices()), utcOffsetMinutes: localOffsetMinutes };
  const { error } = await readScapContexts(path, world, visit);
  if (error !== undefined) throw new AtalayaError('E_CAPTURE', `${path}: at byte ${error.offset}: ${error.message}`);
  return { plan: undefined };
}

async function readNative(path: string, visit: (context: MatchContext) => void): Promise<CaptureFacts> {
  const source = await openReplay(path);
  const contexts = createContexts(source.world, PROCESS_BYTES_MAX);
  for await (const step of source.steps()) {
    if (step.type === 'tasks') contexts.processes.seed(step.forEach);
    else if (step.type === 'events') {
      step.forEach((event) => {
        visit(contexts.of(event));
      });
    }
  }
  return { plan: source.plan };
}

function opened<T>(path: string, look: (path: string) => T): T {
  try {
    return look(path);
  } catch (cause) {
    throw new AtalayaError('E_CAPTURE_OPEN', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Such captures do not tell names of ports, nor where they were recorded. */
function localServices(): ByteString {
  try {
    return readFileSync('/etc/services', 'latin1');
  } catch {
    return '';
  }
}

function localOffsetMinutes(timeNs: bigint): number {
  return -new Date(Number(timeNs / 1_000_000n)).getTimezoneOffset();
}
