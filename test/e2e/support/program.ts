import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../unit/support/delivery.ts';

const ATALAYA = fileURLToPath(new URL('../../../bin/atalaya', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** bin/atalaya as users run it, from dist/. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  /** `prefix`: a command that runs the program, such as setpriv. */
  constructor(words: readonly string[], env: Readonly<Record<string, string>> = {}, prefix: readonly string[] = []) {
    const [command = process.execPath, ...rest] = [...prefix, process.execPath, ATALAYA, ...words];
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
    await until(() => this.stderr.includes(text) || this.child.exitCode !== null, `'${text}' on standard error`);
    if (!this.stderr.includes(text)) throw new Error(`ended without '${text}': ${this.stderr}`);
  }

  /** Waits for a line of the log that has this message, and gives its members. */
  async logged(message: string): Promise<Record<string, unknown>> {
    const found = () => this.errorLines.map(parsed).find((line) => line?.['msg'] === message);
    await until(() => found() !== undefined || this.child.exitCode !== null, `a log line '${message}'`);
    const line = found();
    if (line === undefined) throw new Error(`ended without '${message}': ${this.stderr}`);
    return line;
  }

  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Runs a command to its end. */
export function run(...words: readonly string[]): Promise<Ended> {
  return new Program(words).ended;
}
