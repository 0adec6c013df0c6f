import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../agent/fields/catalogue.ts';
import type { MatchContext } from '../../agent/fields/context.ts';
import { compileRules, type RuleFile } from '../../agent/rules/compile.ts';
import type { RuleSet } from '../../agent/rules/rule-set.ts';
import { generateRules } from './generated-rules.ts';

export function ownFiles(root: string): RuleFile[] {
  const folder = join(root, 'rules');
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => readRules(join(folder, name)));
}

export function stableFiles(root: string): RuleFile[] {
  return upstream(root, ['falco_rules.yaml']);
}

/** The stable rules first, for the others use its lists and macros. */
export function allFiles(root: string): RuleFile[] {
  const names = readdirSync(join(root, 'test/data/upstream-rules')).filter((name) => name.endsWith('.yaml'));
  const order = (name: string): string => (name === 'falco_rules.yaml' ? '' : name);
  return upstream(
    root,
    names.sort((a, b) => order(a).localeCompare(order(b))),
  );
}

/** All upstream rules and so many more in their style. */
export function extendedFiles(root: string, more: number): RuleFile[] {
  return [...allFiles(root), { path: 'generated.yaml', text: generateRules(more) }];
}

/** Throws with the first errors when the files do not compile. */
export function compiled(files: readonly RuleFile[]): RuleSet<MatchContext> {
  const result = compileRules(files, catalogue, { hash: sha256 });
  if (!result.ok) throw new Error(JSON.stringify(result.errors.slice(0, 3), null, 2));
  return result.ruleSet;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function upstream(root: string, names: readonly string[]): RuleFile[] {
  return names.map((name) => readRules(join(root, 'test/data/upstream-rules', name)));
}

function readRules(path: string): RuleFile {
  return { path, text: readFileSync(path, 'utf8') };
}
