import { createBackoff } from '../lib/backoff.ts';
import { type ApiClient, ApiError } from './api-client.ts';
import { type PodFacts, readPod } from './pod-facts.ts';

export type WatchNotice =
  | { readonly kind: 'watching'; readonly pods: number }
  | { readonly kind: 'failing'; readonly reason: string };

export interface PodWatchOptions {
  readonly client: ApiClient;
  /** Name of the node in the cluster. */
  readonly node: string;
  /** A pod is there, or has changed. */
  readonly onPod: (pod: PodFacts) => void;
  readonly onGone: (uid: string) => void;
  /** Told once for each change of state. */
  readonly onNotice: (notice: WatchNotice) => void;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** First and longest wait after a failure, ms. Default 500 and 60,000. */
  readonly backoffMs?: readonly [first: number, cap: number];
  /** Relists are spread over this time, ms, so that a server that comes back is not asked by every node at once. Default 10,000. */
  readonly spreadMs?: number;
  /** A watch on which nothing comes for so long is begun again, ms. Default 90,000: bookmarks come every minute. */
  readonly quietMs?: number;
}

export interface WatchStats {
  readonly pods: number;
  lists: number;
  watches: number;
  events: number;
  failures: number;
  /** Lines that were no sensible event. */
  malformed: number;
}

export interface PodWatch {
  stats(): WatchStats;
  stop(): Promise<void>;
}

/** Pods of a node that are kept; a kubelet takes 110, and never more than 500. */
const PODS_MAX = 2000;
const PAGE = 500;
const PAGES_MAX = 8;
/** The server ends a watch after this; then it goes on where it was. */
const WATCH_SECONDS = 300;
const GONE = 410;

/** Lists the pods of a node, then watches them, for ever; a failure costs nothing but news. */
export function watchPods(options: PodWatchOptions): PodWatch {
  return new Watcher(options);
}

class Watcher implements PodWatch {
  private readonly options: PodWatchOptions;
  private readonly abort = new AbortController();
  private readonly backoff;
  private readonly counts = { lists: 0, watches: 0, events: 0, failures: 0, malformed: 0 };
  private readonly uids = new Set<string>();
  private readonly selector: string;
  private readonly ended: Promise<void>;
  private told: WatchNotice['kind'] | undefined;
  /** '' = a list is needed. */
  private version = '';

  constructor(options: PodWatchOptions) {
    this.options = options;
    const [first, cap] = options.backoffMs ?? [500, 60_000];
    this.backoff = createBackoff(first, cap, options.random);
    this.selector = encodeURIComponent(`spec.nodeName=${options.node}`);
    this.ended = this.run();
  }

  stats(): WatchStats {
    return { ...this.counts, pods: this.uids.size };
  }

  async stop(): Promise<void> {
    this.abort.abort(new Error('ended'));
    await this.ended;
  }

  private async run(): Promise<void> {
    for (let isFirst = true; !this.abort.signal.aborted; isFirst = false) {
      try {
        if (this.version === '') {
          // The first list of an agent that starts is wanted at once.
          if (!isFirst) await this.wait(this.options.random() * (this.options.spreadMs ?? 10_000));
          await this.list();
          this.tell({ kind: 'watching', pods: this.uids.size });
        }
        await this.watch();
        this.backoff.reset();
      } catch (error) {
        if (this.abort.signal.aborted) return;
        await this.failed(error);
      }
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.status === GONE) {
      this.version = '';
      return;
    }
    this.counts.failures++;
    this.tell({ kind: 'failing', reason: error instanceof Error ? error.message : String(error) });
    await this.wait(this.backoff.nextMs());
  }

  private async list(): Promise<void> {
    this.counts.lists++;
    const seen = new Set<string>();
    let version = '';
    let next = '';
    for (let page = 0; page < PAGES_MAX; page++) {
      const path = `/api/v1/pods?fieldSelector=${this.selector}&limit=${PAGE}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
      const answer = await this.options.client.get(path, this.abort.signal);
      const { items, metadata } = answer as { readonly items?: unknown; readonly metadata?: Metadata };
      if (!Array.isArray(items) || typeof metadata?.resourceVersion !== 'string') {
        throw new Error('the answer is no list of pods');
      }
      for (const item of items) {
        const pod = readPod(item);
        if (pod !== undefined && this.take(pod)) seen.add(pod.pod.uid);
      }
      version = metadata.resourceVersion;
      next = typeof metadata.continue === 'string' ? metadata.continue : '';
      if (next === '') break;
    }
    for (const uid of [...this.uids]) if (!seen.has(uid)) this.drop(uid);
    this.version = version;
  }

  private async watch(): Promise<void> {
    this.counts.watches++;
    const { client, quietMs = 90_000 } = this.options;
    const path =
      `/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}` +
      `&fieldSelector=${this.selector}&resourceVersion=${encodeURIComponent(this.version)}`;
    let heard = false;
    await client.stream(path, quietMs, this.abort.signal, (line) => {
      heard = true;
      this.event(line);
      this.tell({ kind: 'watching', pods: this.uids.size });
    });
    // A watch that ends at once without a word must not become a loop.
    if (!heard) await this.wait(this.backoff.nextMs());
  }

  private event(line: string): void {
    const { type, object } = parse(line);
    if (type === 'ERROR') {
      const { code, message } = object as { readonly code?: unknown; readonly message?: unknown };
      throw new ApiError(typeof code === 'number' ? code : 500, `the watch ended: ${String(message)}`);
    }
    const version = (object as { readonly metadata?: Metadata } | undefined)?.metadata?.resourceVersion;
    const pod = type === 'BOOKMARK' ? undefined : readPod(object);
    if (typeof version !== 'string' || (pod === undefined && type !== 'BOOKMARK')) {
      this.counts.malformed++;
      return;
    }
    this.counts.events++;
    this.version = version;
    if (pod === undefined) return;
    if (type === 'DELETED') this.drop(pod.pod.uid);
    else this.take(pod);
  }

  private take(pod: PodFacts): boolean {
    if (this.uids.size >= PODS_MAX && !this.uids.has(pod.pod.uid)) return false;
    this.uids.add(pod.pod.uid);
    this.options.onPod(pod);
    return true;
  }

  private drop(uid: string): void {
    if (this.uids.delete(uid)) this.options.onGone(uid);
  }

  private tell(notice: WatchNotice): void {
    if (this.told === notice.kind) return;
    this.told = notice.kind;
    this.options.onNotice(notice);
  }

  /** Ends early when the watch is stopped. */
  private wait(ms: number): Promise<void> {
    const { signal } = this.abort;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      timer.unref();
      signal.addEventListener('abort', done);
    });
  }
}

interface Metadata {
  readonly resourceVersion?: unknown;
  readonly continue?: unknown;
}

function parse(line: string): { readonly type?: unknown; readonly object?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
