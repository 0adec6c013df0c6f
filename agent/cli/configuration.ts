import { type ConfigResult, type FlagValue, loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { readTextFile } from '../pipeline/text-file.ts';

export type Configuration = Extract<ConfigResult, { ok: true }>;

export interface ConfigurationSources {
  /** Path of the file; absent = none. */
  readonly file?: string | undefined;
  /** Those that were given: entries whose value is undefined are left out. */
  readonly flags?: readonly FlagValue[];
  /** Default: that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The configuration of file, environment and flags. Throws E_CONFIG with all that is wrong, a line each. */
export function readConfiguration(sources: ConfigurationSources): Configuration {
  const { env = process.env, flags = [] } = sources;
  const file = sources.file === undefined ? undefined : { path: sources.file, text: readConfigText(sources.file) };
  const given = flags.filter(({ value }) => value !== undefined);
  const result = loadConfig({ env, flags: given, ...(file === undefined ? {} : { file }) });
  if (result.ok) return result;
  const lines = result.problems.map((problem) => safeLine(formatProblem(problem)));
  throw new AtalayaError('E_CONFIG', lines.length === 1 ? lines.join() : ['problems:', ...lines].join('\n  '));
}

/** A configuration longer than this is none. */
const FILE_BYTES_MAX = 1024 * 1024;

/** Throws E_CONFIG. */
export function readConfigText(path: string): string {
  const file = readTextFile(path, FILE_BYTES_MAX);
  if (file.ok) return file.text;
  const expected = file.expected === undefined ? '' : `; expected ${file.expected}`;
  throw new AtalayaError('E_CONFIG', safeLine(`${path}:${file.line}:${file.column}: ${file.message}${expected}`));
}
