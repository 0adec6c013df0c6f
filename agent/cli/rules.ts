import type { Command } from 'commander';
import { command } from './command.ts';

/** Every subcommand, by name, in the order of the help; loaded when asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<{ create(): Command }>>> = {
  check: () => import('./rules-check.ts'),
  list: () => import('./rules-list.ts'),
  test: () => import('./rules-test.ts'),
  explain: () => import('./rules-explain.ts'),
  backtest: () => import('./rules-backtest.ts'),
  'suggest-exception': () => import('./rules-suggest-exception.ts'),
};

/** `words` are those behind `rules`: the first names the subcommand. */
export async function create(words: readonly string[] = process.argv.slice(3)): Promise<Command> {
  const rules = command('rules', 'check, list and test rule files', 'atalaya rules check my-rules.yaml');
  const wanted = COMMANDS[words[0] ?? ''];
  const loaders = wanted === undefined ? Object.values(COMMANDS) : [wanted];
  for (const loaded of await Promise.all(loaders.map((load) => load()))) rules.addCommand(loaded.create());
  return rules.helpCommand(false);
}
