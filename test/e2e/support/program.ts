import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../unit/support/delivery.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ATALAYA = `${ROOT}bin/atalaya`;
/** A start takes a second; this is for machines that have much else to do. */
const START_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LogLine {
  readonly msg: string;
  readonly [key: string]: unknown;
}

export interface AlertLine {
  readonly rule: string;
  readonly uuid: string;
  readonly output: string;
  readonly output_fields: Readonly<Record<string, string | number | null>>;
}

export interface AmendmentLine {
  readonly uuid: string;
  readonly revision: number;
  readonly amended_fields: Readonly<Record<string, unknown>>;
}

/**
 * Prefix for a user who may nothing that the sensor needs. It may read all files, for a checkout need not be open to
 * everybody.
 */
export const AS_NOBODY: readonly string[] = [
  ...['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'],
  ...['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'],
];

/** bin/atalaya as users run it, from dist/. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  /** `prefix`: a command that runs the program, such as setpriv. `script`: another one of the build, below its root. */
  constructor(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    prefix: readonly string[] = [],
    script?: string,
  ) {
    const main = script === undefined ? ATALAYA : ROOT + script;
    const [command = process.execPath, ...rest] = [...prefix, process.execPath, main, ...words];
    this.child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({
      code,
      signal,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  get errorLines(): string[] {
    return this.stderr.split('\n').slice(0, -1);
  }

  /** Waits for a text on standard error. */
  async said(text: string): Promise<void> {
    const ended = () => this.child.exitCode !== null;
    await until(() => this.stderr.includes(text) || ended(), `'${text}' on standard error`, START_MS);
    if (!this.stderr.includes(text)) throw new Error(`ended without '${text}': ${this.stderr}`);
  }

  /** The lines of the log. */
  get log(): LogLine[] {
    return this.errorLines.flatMap((line) => parsed(line) ?? []);
  }

  /** The alerts on standard output. */
  get alerts(): AlertLine[] {
    return this.lines.map((line) => JSON.parse(line) as AlertLine).filter((line) => !('amended_fields' in line));
  }

  /** What was told later about them. */
  get amendments(): AmendmentLine[] {
    return this.lines.map((line) => JSON.parse(line) as AmendmentLine).filter((line) => 'amended_fields' in line);
  }

  /** Waits for a line of the log that has this message, and gives its members. */
  async logged(message: string): Promise<LogLine> {
    const found = () => this.log.find(({ msg }) => msg === message);
    const ended = () => this.child.exitCode !== null;
    await until(() => found() !== undefined || ended(), `a log line '${message}'`, START_MS);
    const line = found();
    if (line === undefined) throw new Error(`ended without '${message}': ${this.stderr}`);
    return line;
  }

  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

function parsed(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}

/** Runs a command to its end. */
export function run(...words: readonly string[]): Promise<Ended> {
  return new Program(words).ended;
}
