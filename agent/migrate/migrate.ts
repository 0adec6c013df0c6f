import { stringify } from 'yaml';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { safeLine } from '../lib/safe-text.ts';
import { nearestName } from '../rules/nearest.ts';
import { SourceFile } from '../rules/source-text.ts';
import { readYaml, type YamlMapping, type YamlNode } from '../rules/yaml-node.ts';
import { ENGINE_KEYS } from './keys-engine.ts';
import { OUTPUT_KEYS } from './keys-outputs.ts';
import { RULE_KEYS } from './keys-rules.ts';
import { describe, type KeyRule, type Siblings, textOf, toBoolean, type Verdict, wrong } from './verdict.ts';

/** One key of the file with what becomes of it. */
export interface Entry extends Verdict {
  readonly key: string;
  readonly line: number;
  readonly column: number;
  /** As it stands there, shortened; absent for a key that does not. */
  readonly value?: string;
}

export type Migration =
  | {
      readonly ok: true;
      readonly entries: readonly Entry[];
      /** Our configuration as YAML, checked against its schema. */
      readonly config: string;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

const RULES: ReadonlyMap<string, KeyRule> = new Map(
  [...RULE_KEYS, ...OUTPUT_KEYS, ...ENGINE_KEYS].map((rule) => [rule.key, rule]),
);
/** Everything in front of the last name of a known key. */
const SECTIONS: ReadonlySet<string> = new Set(
  [...RULES.keys()].flatMap((key) => key.split('.').map((_, index, parts) => parts.slice(0, index).join('.'))),
);
const VALUE_CHARS = 40;

/** Every key that is known, with dots; `*` stands for any name. */
export const KNOWN_KEYS: readonly string[] = [...RULES.keys()];

/** Reads a configuration of Falco (0.35 and later) and writes ours, with what becomes of every key. */
export function migrate(path: string, text: string): Migration {
  const yaml = readYaml(new SourceFile(path, text));
  if (!yaml.ok) {
    return {
      ok: false,
      problems: yaml.faults.map(({ message, at }) => located(new SourceFile(path, text), at, `not YAML: ${message}`)),
    };
  }
  const [root, ...more] = yaml.documents;
  const bad = more[0] ?? (root?.kind === 'mapping' || root === undefined ? undefined : root);
  if (bad !== undefined) {
    const message = `found ${bad === root ? describe(bad) : 'a second document'}, expected a mapping of keys`;
    return { ok: false, problems: [located(bad.span.file, bad.span.start, message)] };
  }
  const leaves = root?.kind === 'mapping' ? leavesOf(root, '') : [];
  const entries = [...leaves.map((leaf) => entryOf(leaf, siblingsOf(leaves))), ...unset(leaves)];
  return finish(path, entries);
}

function located(file: SourceFile, at: number, message: string): string {
  const { line, column } = file.place(at);
  return `${file.path}:${line}:${column}: ${message}`;
}

interface Leaf {
  readonly key: string;
  readonly node: YamlNode;
  readonly line: number;
  readonly column: number;
}

/** Values by the path of their key, as deep as Falco's sections go. */
function leavesOf(mapping: YamlMapping, above: string): readonly Leaf[] {
  return mapping.pairs.flatMap(({ key, keySpan, value }) => {
    const path = above === '' ? key : `${above}.${key}`;
    if (value.kind === 'mapping' && SECTIONS.has(path) && value.pairs.length > 0) return leavesOf(value, path);
    const { line, column } = keySpan.file.place(keySpan.start);
    return [{ key: path, node: value, line, column }];
  });
}

function siblingsOf(leaves: readonly Leaf[]): Siblings {
  const nodeOf = (key: string): YamlNode | undefined => leaves.find((leaf) => leaf.key === key)?.node;
  return {
    text: (key) => {
      const node = nodeOf(key);
      return node === undefined ? undefined : textOf(node);
    },
    flag: (key, fallback) => {
      const node = nodeOf(key);
      return (node === undefined ? undefined : toBoolean(node)) ?? fallback;
    },
  };
}

function entryOf({ key, node, line, column }: Leaf, siblings: Siblings): Entry {
  return { key, line, column, value: shown(node), ...verdictOf(key, node, siblings) };
}

function verdictOf(key: string, node: YamlNode, siblings: Siblings): Verdict {
  const rule = RULES.get(key) ?? RULES.get(`${key.slice(0, key.lastIndexOf('.'))}.*`);
  if (rule === undefined) return SECTIONS.has(key) ? sectionVerdict(node) : unknown(key);
  const { gate } = rule;
  if (gate !== undefined && !siblings.flag(gate.key, gate.fallback)) {
    return { kind: 'unused', text: `${gate.key} is off` };
  }
  return rule.judge(node, siblings);
}

function sectionVerdict(node: YamlNode): Verdict {
  const empty = node.kind === 'mapping' || (node.kind === 'scalar' && node.isNull);
  return empty ? { kind: 'unused', text: 'it is empty' } : wrong(describe(node), 'a mapping of keys');
}

function unknown(key: string): Verdict {
  const nearest = nearestName(key, [...RULES.keys(), ...SECTIONS]);
  return {
    kind: 'unknown',
    text: nearest === undefined ? 'it is ignored' : `it is ignored; did you mean '${nearest}'?`,
  };
}

function shown(node: YamlNode): string {
  if (node.kind === 'sequence') return `[${node.items.length}]`;
  if (node.kind === 'mapping') return `{${node.pairs.length}}`;
  return node.text.length > VALUE_CHARS ? `${node.text.slice(0, VALUE_CHARS - 3)}...` : node.text;
}

/** Keys that are not in the file and whose defaults differ. */
function unset(leaves: readonly Leaf[]): readonly Entry[] {
  const has = (...keys: readonly string[]): boolean => leaves.some(({ key }) => keys.includes(key));
  const carried = (key: string, text: string, sets: Verdict['sets'] = {}): Entry => {
    return { key, line: 1, column: 1, kind: 'carried', text: `not set: ${text}`, sets };
  };
  const entries: Entry[] = [];
  if (!has('rule_matching')) {
    entries.push(carried('rule_matching', "Falco's default is first", { 'rules.matching': 'first' }));
  }
  if (!has('rules_files', 'rules_file', 'rule_files')) {
    entries.push(carried('rules_files', 'the rules that come with Atalaya are used'));
  }
  if (!has('stdout_output.enabled')) entries.push(carried('stdout_output.enabled', 'Falco writes nothing there'));
  return entries;
}

function finish(path: string, entries: readonly Entry[]): Migration {
  const values: Record<string, unknown> = { outputs: [] };
  for (const { sets = {} } of entries) {
    for (const [key, value] of Object.entries(sets)) put(values, key.split('.'), value);
  }
  const config = `${header(path, entries)}${stringify(values)}`;
  const checked = loadConfig({ file: { path: 'the new configuration', text: config } });
  return checked.ok ? { ok: true, entries, config } : { ok: false, problems: checked.problems.map(formatProblem) };
}

/** Lists add up: several keys of Falco are one list here. */
function put(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  const before = values[first];
  if (rest.length > 0) {
    const inner = (before ?? {}) as Record<string, unknown>;
    values[first] = inner;
    put(inner, rest, value);
  } else {
    values[first] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
}

/** Comment lines that say where it comes from, and what was left behind. */
function header(path: string, entries: readonly Entry[]): string {
  const lost = entries.filter(({ kind }) => kind === 'none' || kind === 'unknown' || kind === 'wrong');
  const lines = [
    `Made by \`atalaya migrate\` from ${path}.`,
    ...lost.map(({ key, line, text }) => `Left out: ${key} (line ${line}): ${text}${text.endsWith('?') ? '' : '.'}`),
  ];
  return `${lines.map((line) => `# ${safeLine(line)}`).join('\n')}\n\n`;
}
