import { expect, it } from 'vitest';
import { inSlices } from '../../../agent/pipeline/slices.ts';

it('lets the event loop go round between slices, and gives what the work comes to', async () => {
  let rounds = 0;
  const timer = setInterval(() => rounds++, 0);
  const roundsAtStep: number[] = [];
  const work = function* (): Generator<undefined, string, void> {
    // Until the event loop has gone round, however long a slice is.
    for (let step = 0; step < 1e9 && rounds < 3; step++) {
      roundsAtStep.push(rounds);
      yield;
    }
    return 'done';
  };
  expect(await inSlices(work())).toBe('done');
  clearInterval(timer);
  expect(new Set(roundsAtStep)).toEqual(new Set([0, 1, 2]));
});

it('passes on what the work throws', async () => {
  const work = function* (): Generator<undefined, void, void> {
    yield;
    throw new Error('wrong');
  };
  await expect(inSlices(work())).rejects.toThrow('wrong');
});
