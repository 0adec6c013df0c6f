import { expect, test } from 'vitest';
import { createBackoff } from '../../../agent/lib/backoff.ts';
import { Fifo } from '../../../agent/lib/fifo.ts';

test('gives items in the order in which they came, over many more than it keeps', () => {
  const fifo = new Fifo<number>();
  const out: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    fifo.push(i);
    if (i % 3 === 2) out.push(fifo.shift() ?? -1, fifo.shift() ?? -1);
  }
  expect(fifo.length).toBe(10_000 - out.length);
  expect(fifo.peek()).toBe(out.length);
  while (fifo.length > 0) out.push(fifo.shift() ?? -1);
  expect(out).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
  expect(fifo.shift()).toBeUndefined();
  expect(fifo.peek()).toBeUndefined();
});

test('clear empties it', () => {
  const fifo = new Fifo<number>();
  fifo.push(1);
  fifo.clear();
  expect(fifo.length).toBe(0);
  fifo.push(2);
  expect(fifo.shift()).toBe(2);
});

test('waits double up to the cap, less a random half, until reset', () => {
  const full = createBackoff(50, 500, () => 1);
  expect([1, 2, 3, 4, 5, 6].map(() => full.nextMs())).toEqual([50, 100, 200, 400, 500, 500]);
  full.reset();
  expect(full.nextMs()).toBe(50);
  expect(createBackoff(50, 500, () => 0).nextMs()).toBe(25);
});
