import { afterAll, beforeAll } from 'vitest';
import { expectNoLeak, liveOnce } from './support/holdings.ts';
import { liveTest } from './support/live.ts';
import { openWorkshop, type Workshop } from './support/workshop.ts';

let workshop: Workshop;
let objectPath: string;

beforeAll(() => {
  workshop = openWorkshop();
  objectPath = workshop.smallObject();
});
afterAll(() => workshop?.remove());

liveTest('a thousand whole lives leave nothing behind', () => expectNoLeak(1000, () => liveOnce(objectPath)), 600_000);
