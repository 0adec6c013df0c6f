import type { Command } from 'commander';
import { stringify } from 'yaml';
import { KEYS, type Key } from '../config/config.gen.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { type JsonValue, jsonText } from '../lib/json-text.ts';
import { safeLine } from '../lib/safe-text.ts';
import { loadRules } from '../pipeline/load-rules.ts';
import { unmatchedTargets } from '../rules/selection.ts';
import { command } from './command.ts';
import { type Configuration, readConfigText, readConfiguration } from './configuration.ts';
import { EXIT } from './exit.ts';
import { textTable } from './text-table.ts';

const EXAMPLE = `atalaya config check atalaya.yaml
ATALAYA_LOG_LEVEL=debug atalaya config print --config atalaya.yaml`;

export function create(): Command {
  const config = command('config', 'look at the configuration', EXAMPLE);
  config.addCommand(
    command(
      'print',
      'show every value that is in force, and where it comes from',
      'atalaya config print --config atalaya.yaml',
    )
      .argument('[file]', 'configuration (YAML)')
      .option('--config <file>', 'the same')
      .option('--json', 'one JSON object a line')
      .action(print),
  );
  config.addCommand(
    command('check', 'look for mistakes in a configuration, and show all of them', 'atalaya config check atalaya.yaml')
      .argument('[file]', 'configuration (YAML); without it: what the environment (ATALAYA_*) says')
      .option('--config <file>', 'the same')
      .action(check),
  );
  return config;
}

function print(file: string | undefined, flags: { readonly config?: string; readonly json?: true }): void {
  const configuration = readConfiguration({ file: file ?? flags.config });
  tellWarnings(configuration);
  const rows = KEYS.map((key) => ({
    key: key.path.join('.'),
    value: valueOf(configuration, key),
    from: configuration.place(key.path) ?? 'default',
  }));
  if (flags.json) {
    process.stdout.write(rows.map((row) => `${jsonText(row)}\n`).join(''));
  } else {
    process.stdout.write(
      textTable(
        ['key', 'value', 'from'],
        rows.map(({ key, value, from }) => [key, yamlText(value), from]),
      ),
    );
  }
}

function check(file: string | undefined, flags: { readonly config?: string }): void {
  const path = file ?? flags.config;
  const result = loadConfig({
    env: process.env,
    ...(path === undefined ? {} : { file: { path, text: readConfigText(path) } }),
  });
  if (result.ok) {
    tellWarnings(result);
    tellUnmatched(result);
  }
  const lines = result.ok ? [`${path ?? 'the environment'}: no mistakes found`] : result.problems.map(formatProblem);
  process.stdout.write(lines.map((line) => `${safeLine(line)}\n`).join(''));
  process.exitCode = result.ok ? EXIT.done : EXIT.findings;
}

function valueOf({ config }: Configuration, { path }: Key): JsonValue {
  return path.reduce<unknown>(
    (value, part) => (value as Record<string, unknown> | undefined)?.[part],
    config,
  ) as JsonValue;
}

/** Steps of rules.select that fit no rule; what is wrong with the rules themselves is told by `rules check`. */
function tellUnmatched({ config, place }: Configuration): void {
  const { paths, select } = config.rules;
  if (select.length === 0) return;
  for (const { step, message, nearest } of unmatchedTargets(loadRules(paths).ruleSet.rules, select)) {
    const where = place(['rules', 'select', step]) ?? 'rules.select';
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
    const line = formatProblem({ place: where, message: `rules.select.${step}: ${message}${hint}` });
    process.stderr.write(`atalaya: warning: ${safeLine(line)}\n`);
  }
}

/** As it could stand in a file. */
function yamlText(value: JsonValue): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function tellWarnings({ warnings }: Configuration): void {
  for (const warning of warnings) process.stderr.write(`atalaya: ${safeLine(formatProblem(warning))}\n`);
}
