import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { catalogue } from '../fields/catalogue.ts';
import type { MatchContext } from '../fields/context.ts';
import { bundledRules, readRuleFiles } from '../pipeline/rule-files.ts';
import { type CompileResult, compileRules, type RuleFile } from '../rules/compile.ts';
import type { RuleError } from '../rules/diagnostics.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import type { TestDocument } from './document.ts';
import { type GivenEvent, givenCatalogue } from './given-event.ts';

/** Rules as tests need them: for events that a test describes, and for those of captures. */
export interface TestRules {
  readonly files: readonly string[];
  readonly errors: readonly RuleError[];
  readonly forGiven: RuleSet<GivenEvent>;
  forCaptures(): RuleSet<MatchContext>;
}

/** In place of a path: the rules that come with Atalaya. */
export const BUNDLED = 'bundled';

export const given = givenCatalogue(catalogue);

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Compiles what documents name, each combination of files once. */
export function createTestRules(): (document: TestDocument) => TestRules {
  const known = new Map<string, TestRules>();
  return (document) => {
    const paths = rulePaths(document);
    const key = paths.join('\0');
    const rules = known.get(key) ?? loadTestRules(paths);
    known.set(key, rules);
    return rules;
  };
}

/** A file that has rules beside its tests adds them to those that it names. */
function rulePaths({ file, rules, besideRules }: TestDocument): readonly string[] {
  if (rules === undefined) return [file];
  const paths = rules.map(({ path }) => (path === BUNDLED ? bundledRules() : resolve(dirname(file), path)));
  return besideRules ? [...paths, file] : paths;
}

function loadTestRules(paths: readonly string[]): TestRules {
  const read = readRuleFiles(paths);
  const compiled: CompileResult<GivenEvent> = compileRules(read.files, given, { hash });
  const errors = [...read.errors, ...compiled.errors];
  return {
    files: read.files.map(({ path }) => path),
    errors,
    forGiven: compiled.ruleSet,
    forCaptures: once(read.files),
  };
}

function once(files: readonly RuleFile[]): () => RuleSet<MatchContext> {
  let ruleSet: RuleSet<MatchContext> | undefined;
  return () => {
    ruleSet ??= compileRules(files, catalogue, { hash }).ruleSet;
    return ruleSet;
  };
}
