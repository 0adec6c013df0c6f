import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../../unit/support/delivery.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface StartOptions {
  /** In front of the program: `setpriv ...`. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Script of the build instead of the command line. */
  readonly script?: string;
}

/**
 * Runs what follows as a user who may nothing that the sensor needs. It may read all files, for a checkout need not be
 * open to everybody.
 */
export const AS_NOBODY: readonly string[] = [
  ...['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'],
  ...['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'],
];

/** A command of Atalaya in a process of its own, as a user starts it. */
export class Atalaya {
  readonly child: ChildProcess;
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  private ended: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;

  constructor(args: readonly string[], options: StartOptions = {}) {
    const [program = '', ...before] = [...(options.wrapper ?? []), process.execPath];
    const script = `${ROOT}${options.script ?? 'bin/atalaya'}`;
    this.child = spawn(program, [...before, script, ...args], {
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    collectLines(this.child.stdout, this.stdout);
    collectLines(this.child.stderr, this.stderr);
    this.child.once('close', (code, signal) => {
      this.ended = { code, signal };
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** JSON lines of standard output. */
  get alerts(): AlertLine[] {
    return this.stdout.map((line) => JSON.parse(line) as AlertLine);
  }

  /** JSON lines of the log. */
  get log(): LogLine[] {
    return this.stderr.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  }

  logged(message: string): LogLine | undefined {
    return this.log.find(({ msg }) => msg === message);
  }

  /** The ready line. Fails with all that was said when the process ends instead. */
  async ready(): Promise<LogLine> {
    await until(() => this.logged('ready') !== undefined || this.ended !== undefined, 'the ready line', 60_000);
    const line = this.logged('ready');
    if (line === undefined) throw new Error(`it ended instead: ${this.stderr.join('\n')}`);
    return line;
  }

  /** Exit code and signal, when it has ended and all that it wrote was read. */
  async end(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    await until(() => this.ended !== undefined, 'the process ends', 60_000);
    return this.ended ?? { code: null, signal: null };
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Ends it the usual way. */
  async stop(): Promise<void> {
    if (this.ended === undefined) this.signal('SIGTERM');
    await this.end();
  }
}

export interface AlertLine {
  readonly rule: string;
  readonly uuid: string;
  readonly time: string;
  readonly output: string;
  readonly output_fields: Readonly<Record<string, string | number | null>>;
}

export interface LogLine {
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** Without variables that would set something. */
function cleanEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ATALAYA_')));
}

function collectLines(stream: NodeJS.ReadableStream | null, lines: string[]): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  stream?.on('end', () => {
    if (rest !== '') lines.push(rest);
  });
}
