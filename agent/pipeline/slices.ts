import type { Steps } from '../lib/steps.ts';

/** What a batch may have to wait for work that is done beside it. A step is longer now and then. */
const SLICE_MS = 4;

/** Does work in slices, between which the event loop goes round. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
