import { defineConfig } from 'vitest/config';

/** Longer and heavier tests, of `npm run test:all`, are named *.all.test.ts. */
const exclude = process.env['TEST_ALL'] === '1' ? [] : ['**/*.all.test.ts'];

/** A group of tests; groups run one after another, so that nothing disturbs the live ones. */
function group(name: string, order: number, places: readonly string[], parallel: boolean) {
  return {
    extends: true as const,
    test: {
      name,
      include: places.map((place) => `test/${place}.test.ts`),
      exclude,
      fileParallelism: parallel,
      sequence: { groupOrder: order },
      testTimeout: parallel ? 20_000 : 60_000,
      hookTimeout: 60_000,
    },
  };
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      group('unit', 0, ['*', 'unit/**/*', 'conformance/**/*', 'fuzz/**/*'], true),
      group('kernel', 1, ['kernel/**/*'], false),
      group('e2e', 2, ['e2e/**/*', 'evasion/**/*'], false),
    ],
  },
});
