import { type Command, InvalidArgumentError } from 'commander';
import { PRIORITIES, type Priority } from '../events/alert.ts';
import { EVENT_TYPES } from '../events/event-types.ts';
import { EVENT_KINDS, type EventKind } from '../events/kinds.ts';
import { loadRules } from '../pipeline/load-rules.ts';
import { isAtLeast, parsePriority } from '../rules/priorities.ts';
import type { CompiledRule } from '../rules/rule-set.ts';
import { matchesWildcard } from '../rules/selection.ts';
import { collect, command } from './command.ts';
import { rulesError } from './rules-error.ts';
import { textTable } from './text-table.ts';

interface Options {
  readonly json?: true;
  readonly tag?: readonly string[];
  readonly name?: readonly string[];
  readonly priority?: Priority;
}

const EXAMPLE = `atalaya rules list
atalaya rules list --tag container --priority warning my-rules.yaml
atalaya rules list --name 'Read*' --json`;

export function create(): Command {
  return command('list', 'show the rules of rule files, of those that come with Atalaya by default', EXAMPLE)
    .argument('[path...]', 'rule files, and folders whose *.yaml files are read in order of name')
    .option('--tag <tag>', 'only rules with this tag; several: with any of them', collect)
    .option('--name <pattern>', 'only rules of this name, * stands for any text; several: any of them', collect)
    .option('--priority <priority>', 'only rules that are at least as urgent', toPriority)
    .option('--json', 'one JSON object a line')
    .action((paths: readonly string[], options: Options) => {
      const wanted = selection(options);
      const loaded = loadRules(paths);
      if (!loaded.ok) throw rulesError(loaded.errors);
      const rows = loaded.ruleSet.rules.filter(wanted).map(row);
      process.stdout.write(
        options.json === true ? rows.map((entry) => `${JSON.stringify(entry)}\n`).join('') : table(rows),
      );
    });
}

type Rule = CompiledRule<never>;

interface Row {
  readonly name: string;
  readonly priority: Priority;
  readonly source: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  /** Kinds of events that the rule is evaluated for. */
  readonly kinds: readonly EventKind[];
  readonly file: string;
  readonly line: number;
}

function row(rule: Rule): Row {
  const { name, priority, source, enabled, tags, place } = rule;
  const kinds = EVENT_KINDS.filter((kind) => EVENT_TYPES[kind].some((type) => rule.handles(type)));
  return { name, priority, source, enabled, tags, kinds, file: place.file, line: place.line };
}

function toPriority(word: string): Priority {
  const priority = parsePriority(word);
  if (priority === undefined) throw new InvalidArgumentError(`Expected one of ${PRIORITIES.join(', ')}.`);
  return priority;
}

function selection({ tag, name, priority = 'Debug' }: Options): (rule: Rule) => boolean {
  return (rule) =>
    isAtLeast(rule.priority, priority) &&
    (tag === undefined || tag.some((wanted) => rule.tags.includes(wanted))) &&
    (name === undefined || name.some((pattern) => matchesWildcard(rule.name, pattern)));
}

function table(rows: readonly Row[]): string {
  const head = ['rule', 'priority', 'source', 'kinds', 'tags'];
  return textTable(
    head,
    rows.map(({ name, priority, source, enabled, kinds, tags }) => [
      enabled ? name : `${name} (disabled)`,
      priority,
      source,
      kinds.length === EVENT_KINDS.length ? 'all' : kinds.join(' '),
      tags.join(' '),
    ]),
  );
}
