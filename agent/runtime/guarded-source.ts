import type { ContainerInfo } from '../events/process.ts';
import { createBackoff } from '../lib/backoff.ts';
import type { Asked, ContainerSource } from './source.ts';

export type SourceNotice =
  | { readonly kind: 'failing'; readonly source: string; readonly reason: string }
  | { readonly kind: 'recovered'; readonly source: string };

export interface SourceStats {
  readonly source: string;
  asked: number;
  /** Of these, with a description. */
  known: number;
  failed: number;
}

export interface GuardOptions {
  /** For each call, ms. */
  readonly deadlineMs: number;
  readonly nowMs: () => number;
  readonly random: () => number;
  /** Told once for each change of state. */
  readonly onNotice: (notice: SourceNotice) => void;
}

/** After so many failures in a row the source is left alone for a while. */
const FAILURES_IN_A_ROW = 3;
const REST_FIRST_MS = 500;
const REST_CAP_MS = 10_000;

export type Answer =
  | { readonly kind: 'known'; readonly info: ContainerInfo }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unreachable' };

/** A source whose every call ends in time, and that costs nothing while it fails. */
export class GuardedSource {
  readonly source: ContainerSource;
  readonly stats: SourceStats;
  private readonly options: GuardOptions;
  private readonly backoff;
  private failures = 0;
  private failing = false;
  private restUntilMs = 0;

  constructor(source: ContainerSource, options: GuardOptions) {
    this.source = source;
    this.options = options;
    this.backoff = createBackoff(REST_FIRST_MS, REST_CAP_MS, options.random);
    this.stats = { source: source.name, asked: 0, known: 0, failed: 0 };
  }

  /** It exists, or existed and may come back. */
  get isExpected(): boolean {
    return this.failing || this.source.isThere();
  }

  async ask(container: Asked): Promise<Answer> {
    if (this.options.nowMs() < this.restUntilMs) return { kind: 'unreachable' };
    if (!this.source.isThere()) return { kind: this.failing ? 'unreachable' : 'unknown' };
    this.stats.asked++;
    try {
      const info = await this.inTime(container);
      this.succeeded();
      if (info === undefined) return { kind: 'unknown' };
      this.stats.known++;
      return { kind: 'known', info };
    } catch (error) {
      this.failed(error instanceof Error ? error.message : String(error));
      return { kind: 'unreachable' };
    }
  }

  private async inTime(container: Asked): Promise<ContainerInfo | undefined> {
    const { deadlineMs } = this.options;
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    // A source need not notice the signal at once.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`no answer within ${deadlineMs} ms`);
        abort.abort(error);
        reject(error);
      }, deadlineMs);
    });
    try {
      return await Promise.race([this.source.describe(container, abort.signal), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private succeeded(): void {
    this.failures = 0;
    this.backoff.reset();
    if (!this.failing) return;
    this.failing = false;
    this.options.onNotice({ kind: 'recovered', source: this.source.name });
  }

  private failed(reason: string): void {
    this.stats.failed++;
    this.failures++;
    if (this.failures >= FAILURES_IN_A_ROW) this.restUntilMs = this.options.nowMs() + this.backoff.nextMs();
    if (this.failing) return;
    this.failing = true;
    this.options.onNotice({ kind: 'failing', source: this.source.name, reason });
  }
}
