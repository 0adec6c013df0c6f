import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCases, runCase } from './run-cases.ts';

const folder = fileURLToPath(new URL('../data/conformance', import.meta.url));

for (const file of loadCases(folder)) {
  describe(`conformance: ${file.path.replace(/^.*\//, '')}`, () => {
    it(`agrees with upstream in all ${file.cases.length} cases`, () => {
      const failures = file.cases.flatMap((test) => {
        const outcome = runCase(test);
        return outcome.passed ? [] : [{ id: test.id, ...outcome }];
      });
      expect(failures).toEqual([]);
      expect(file.cases.length).toBeGreaterThan(0);
    });
  });
}
