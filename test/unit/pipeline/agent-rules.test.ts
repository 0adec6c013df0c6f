import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileAgentRulesInSlices } from '../../../agent/pipeline/agent-rules.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atalaya-agent-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = () => ({ paths: [folder], matching: 'all' as const, priority: 'Debug' as const, select: [] });
const reload = () => compileAgentRulesInSlices(config(), { reload: true });

it('takes no folder without a rule file for a change of the rules', async () => {
  await expect(reload()).rejects.toThrow(`${folder}: no rule file is left; expected *.yaml files`);
});

it('starts with a folder without a rule file', async () => {
  expect((await compileAgentRulesInSlices(config())).ruleSet.active).toEqual([]);
});

it('takes a file without rules for what it says', async () => {
  writeFileSync(join(folder, 'none.yaml'), '[]\n');
  expect((await reload()).ruleSet.active).toEqual([]);
});
