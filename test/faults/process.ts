import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../unit/support/delivery.ts';

/** The root of the checkout, from the sources and from dist/ alike. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/dist\/$/, '');
const READY_MS = 60_000;

/** A program of ours that is started again and again. */
export class Restarted {
  kills = 0;
  /** What its runs said on standard error, the end of it. */
  said = '';
  private child: ChildProcess | undefined;
  private readonly script: string;
  private readonly words: () => readonly string[];
  private readonly ready: RegExp;
  private readonly env: Readonly<Record<string, string>>;

  /** `script`: below the root. `words`: of the next run. `ready`: what it says when it is at work. */
  constructor(
    script: string,
    words: () => readonly string[],
    ready: RegExp,
    env: Readonly<Record<string, string>> = {},
  ) {
    this.script = script;
    this.words = words;
    this.ready = ready;
    this.env = env;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Starts it; when it ends by itself before it is ready (a full disk, a port that is still taken), again. */
  async start(): Promise<void> {
    for (const endMs = Date.now() + READY_MS; Date.now() < endMs; ) {
      const child = spawn(process.execPath, [ROOT + this.script, ...this.words()], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...this.env },
      });
      this.child = child;
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        this.said = (this.said + text).slice(-20_000);
      });
      const ended = () => child.exitCode !== null || child.signalCode !== null;
      await until(() => this.ready.test(said) || ended(), `${this.script} is ready`, READY_MS);
      if (!ended()) return;
    }
    throw new Error(`${this.script} does not start: ${this.said.slice(-2000)}`);
  }

  async kill(): Promise<void> {
    this.kills++;
    await this.end('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill(signal);
    await once(child, 'exit');
  }
}
