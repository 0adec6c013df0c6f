import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCases, runCase } from './run-cases.ts';

/** Upstream's cases, and our own, which say what those leave open. */
const FOLDERS = ['../data/conformance', './data'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

for (const file of FOLDERS.flatMap(loadCases)) {
  describe(`conformance: ${file.path.replace(/^.*test\//, '')}`, () => {
    it(`gives the expected answer in all ${file.cases.length} cases`, () => {
      const failures = file.cases.flatMap((test) => {
        const outcome = runCase(test);
        return outcome.passed ? [] : [{ id: test.id, ...outcome }];
      });
      expect(failures).toEqual([]);
      expect(file.faults).toEqual([]);
      expect(file.cases.length).toBeGreaterThan(0);
    });
  });
}
