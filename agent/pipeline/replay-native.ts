import { createBatchReader } from '../decode/batch.ts';
import { AtalayaError } from '../lib/errors.ts';
import { type CaptureItem, readCapture } from '../sources/capture/reader.ts';
import type { ReplaySource, ReplayStep } from './replay-source.ts';
import { createCapturedWorld } from './world.ts';

/** A capture that `atalaya record` wrote. */
export function openNativeReplay(path: string): ReplaySource {
  const items = readCapture(path);
  const first = items.next();
  if (first.done === true || first.value.type !== 'header') {
    throw new AtalayaError('E_CAPTURE', `${path}: at byte 0: the header is missing`);
  }
  const { header } = first.value;
  const world = createCapturedWorld(header);
  const origin = { machine: header.machine, wallOffsetNs: 0n };
  const reader = createBatchReader(origin);
  const toStep = (item: CaptureItem): ReplayStep | undefined => {
    switch (item.type) {
      case 'tasks':
        return { type: 'tasks', forEach: (visit) => reader.forEachTask(item.buffer, visit) };
      case 'events':
        origin.wallOffsetNs = item.wallOffsetNs;
        return { type: 'events', forEach: (visit) => reader.forEach(item.buffer, visit) };
      case 'gap':
        return item;
      case 'facts':
        for (const fact of item.facts) world.learn(fact);
        return undefined;
      default:
        return undefined;
    }
  };
  return {
    world,
    plan: header.plan,
    *steps() {
      let ended = false;
      for (const item of items) {
        ended = item.type === 'end';
        const step = toStep(item);
        if (step !== undefined) yield step;
      }
      if (!ended) throw new AtalayaError('E_CAPTURE', `${path}: its end is missing: the recorder was killed`);
    },
  };
}
