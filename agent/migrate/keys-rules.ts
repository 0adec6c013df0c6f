import { PRIORITIES } from '../events/alert.ts';
import { parsePriority } from '../rules/priorities.ts';
import { valueOf, type YamlNode } from '../rules/yaml-node.ts';
import { describe, elsewhere, type Judge, type KeyRule, none, same, textOf, type Verdict, wrong } from './verdict.ts';

/** Falco replaces `${NAME}` in values by variables of the environment. */
const VARIABLE = /\$\{[^}]*\}/;

const rulesFiles: Judge = (node) => {
  const paths = node.kind === 'sequence' ? node.items.map(textOf) : [textOf(node)];
  if (paths.includes(undefined)) return wrong(describe(node), 'a list of paths');
  const variable = paths.find((path) => VARIABLE.test(path ?? ''));
  if (variable !== undefined)
    return { kind: 'none', text: `variables are not replaced in paths: write '${variable}' out` };
  return { kind: 'carried', text: 'files and folders, in this order', sets: { 'rules.paths': paths } };
};

/** `[{enable: {rule: P}}, {disable: {tag: T}}]`, in order. */
const selection: Judge = (node) => {
  if (node.kind !== 'sequence') return wrong(describe(node), 'a list of enable and disable');
  const steps: unknown[] = [];
  for (const item of node.items) {
    const read = item.kind === 'mapping' ? readSteps(item) : undefined;
    if (read === undefined) return wrong('an entry that is neither', 'enable or disable with a rule or a tag');
    steps.push(...read);
  }
  return { kind: 'carried', text: 'in the same order', sets: { 'rules.select': steps } };
};

function readSteps(item: Extract<YamlNode, { kind: 'mapping' }>): readonly unknown[] | undefined {
  const steps: unknown[] = [];
  for (const { key, value } of item.pairs) {
    const target = value.kind === 'mapping' ? readTarget(value) : undefined;
    if (target === undefined || (key !== 'enable' && key !== 'disable')) return undefined;
    steps.push({ [key]: target });
  }
  return steps.length === 0 ? undefined : steps;
}

function readTarget(node: Extract<YamlNode, { kind: 'mapping' }>): Record<string, string> | undefined {
  const [rule, tag] = ['rule', 'tag'].map((key) => valueOf(node, key)).map((value) => value && textOf(value));
  if (rule === undefined && tag === undefined) return undefined;
  return { ...(rule === undefined ? {} : { rule }), ...(tag === undefined ? {} : { tag }) };
}

const priority: Judge = (node) => {
  const found = parsePriority(textOf(node) ?? '');
  if (found === undefined) return wrong(describe(node), `one of ${PRIORITIES.join(', ').toLowerCase()}`);
  return { kind: 'carried', text: found, sets: { 'rules.priority': found } };
};

const matching: Judge = (node): Verdict => {
  const word = textOf(node);
  if (word !== 'first' && word !== 'all') return wrong(describe(node), 'first or all');
  return { kind: 'carried', text: word, sets: { 'rules.matching': word } };
};

/** Which rules, and how they are matched. */
export const RULE_KEYS: readonly KeyRule[] = [
  { key: 'rules_files', judge: rulesFiles },
  { key: 'rules_file', judge: rulesFiles },
  { key: 'rule_files', judge: rulesFiles },
  { key: 'rules', judge: selection },
  { key: 'priority', judge: priority },
  { key: 'rule_matching', judge: matching },
  {
    key: 'config_files',
    judge: none(
      'a configuration is one file: migrate each of these, and put them together in the order in which Falco does',
    ),
  },
  {
    key: 'watch_config_files',
    judge: elsewhere('rules are read again when they change, and on SIGHUP; the configuration is read at start'),
  },
  {
    key: 'append_output',
    judge: elsewhere(
      'alerts carry every field that has a value; for the text, append to `output` in a rule file (override)',
    ),
  },
  { key: 'static_fields.*', judge: none('alerts carry the name of the node (`node`) and no other fixed field') },
  { key: 'static_fields', judge: none('alerts carry the name of the node (`node`) and no other fixed field') },
  { key: 'buffer_format_base64', judge: same('the data of reads and writes is not collected') },
];
