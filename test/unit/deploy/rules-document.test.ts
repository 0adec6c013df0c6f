import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { bundledRules, readRuleFiles } from '../../../agent/pipeline/rule-files.ts';
import { compileRules } from '../../../agent/rules/compile.ts';

const document = readFileSync(fileURLToPath(new URL('../../../docs/rules.md', import.meta.url)), 'utf8');
const blocks = [...document.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);
const options = { hash: (text: string) => text };

test('the rule that docs/rules.md shows compiles, and the mistake is told as it says', () => {
  const [rule = ''] = blocks;
  expect(compileRules([{ path: 'mine.yaml', text: rule }], catalogue, options)).toMatchObject({
    ok: true,
    warnings: [],
  });
  const wrong = compileRules(
    [{ path: 'mine.yaml', text: rule.replace('[proc.pname,', '[proc.pnam,') }],
    catalogue,
    options,
  );
  const [error] = wrong.errors;
  expect(document).toContain(`\nmine.yaml:${error?.line}:${error?.column}: error in rule 'Secret read by a shell': `);
});

test('the change to a rule of ours that it shows compiles', () => {
  const files = [...readRuleFiles([bundledRules()]).files, { path: 'change.yaml', text: blocks.at(-1) ?? '' }];
  const { ok, errors, ruleSet } = compileRules(files, catalogue, options);
  expect([ok, errors]).toEqual([true, []]);
  const changed = ruleSet.rules.find(({ name }) => name === 'Shell with a terminal in a container');
  expect([changed?.priority, changed?.exceptions]).toEqual(['Critical', expect.arrayContaining(['debug_namespace'])]);
});
