import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { type Entry, migrate } from '../migrate/migrate.ts';
import { VERDICTS, type VerdictKind } from '../migrate/verdict.ts';
import { readTextFile } from '../pipeline/text-file.ts';
import { command } from './command.ts';
import { EXIT } from './exit.ts';
import { textTable } from './text-table.ts';

/** A configuration longer than this is none. */
const FILE_BYTES_MAX = 1024 * 1024;

const EXAMPLE = `atalaya migrate /etc/falco/falco.yaml -o atalaya.yaml
atalaya migrate --json falco.yaml`;

interface Options {
  readonly output?: string;
  readonly json?: true;
}

export function create(): Command {
  return command('migrate', 'say what becomes of a configuration of Falco, key by key, and write ours', EXAMPLE)
    .argument('<file>', "Falco's falco.yaml")
    .option('-o, --output <file>', 'write the configuration here, which must not be there yet')
    .option('--json', 'one JSON object on standard output: the keys, and the configuration as text')
    .action((path: string, options: Options) => {
      const { entries, config } = read(path);
      if (options.output !== undefined) write(options.output, config);
      if (options.json === true) process.stdout.write(`${JSON.stringify({ keys: entries, config })}\n`);
      else if (options.output !== undefined) process.stdout.write(report(entries));
      else {
        process.stderr.write(report(entries));
        process.stdout.write(config);
      }
      process.stderr.write(`${summary(entries)}\n`);
      const bad = entries.some(({ kind }) => kind === 'unknown' || kind === 'wrong');
      process.exitCode = bad ? EXIT.findings : EXIT.done;
    });
}

function read(path: string): { readonly entries: readonly Entry[]; readonly config: string } {
  const file = readTextFile(path, FILE_BYTES_MAX);
  if (!file.ok) {
    const expected = file.expected === undefined ? '' : `; expected ${file.expected}`;
    throw new AtalayaError('E_USAGE', safeLine(`${path}:${file.line}:${file.column}: ${file.message}${expected}`));
  }
  const migration = migrate(path, file.text);
  if (migration.ok) return migration;
  throw new AtalayaError('E_USAGE', migration.problems.map(safeLine).join('\natalaya: '));
}

function write(path: string, config: string): void {
  try {
    writeFileSync(path, config, { flag: 'wx' });
  } catch (cause) {
    const there = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const why = there ? 'is there already' : cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError(there ? 'E_USAGE' : 'E_OUTPUT', safeLine(`${path} cannot be written: ${why}`), { cause });
  }
}

function report(entries: readonly Entry[]): string {
  const rows = entries.map(({ key, line, value, kind, text }) => [
    value === undefined ? '' : String(line),
    key,
    value ?? '',
    VERDICTS[kind],
    text,
  ]);
  return textTable(['line', 'key', 'value', 'what becomes of it', ''], rows, process.stdout.columns);
}

function summary(entries: readonly Entry[]): string {
  const kinds = Object.keys(VERDICTS) as readonly VerdictKind[];
  const counts = kinds.map((kind) => [entries.filter((entry) => entry.kind === kind).length, VERDICTS[kind]] as const);
  const told = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return `${entries.length} keys: ${told.join(', ')}`;
}
