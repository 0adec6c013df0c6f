import type { BootTime, Event, TaskFacts, Unsigned64 } from '../events/event.ts';
import type { ContainerIdentity, Process, ProcessLookup } from '../events/process.ts';
import { ProcessEntry } from './process-entry.ts';
import { SecondBudget } from './second-budget.ts';

/** What the table asks of the world; all of it may fail. */
export interface ProcessTableDeps {
  /** Container of a cgroup; the pid is of a process in it. undefined = not known (yet). */
  container(cgroupId: Unsigned64, pid: number): ContainerIdentity | undefined;
  /** Facts of a living process that the table missed, its start in coarse ticks; undefined when there is none. */
  lookUp(pid: number): TaskFacts | undefined;
}

export interface ProcessTableOptions {
  /** Memory for processes, an estimate. Above it the ended, then the longest silent go. Default 64 MiB: ~50,000. */
  readonly limitBytes?: number;
  /** How long an ended process is kept for late events, ns of event time. Default 5 s. */
  readonly keepEndedNs?: number;
  /** Look-ups a second of event time, so that missed processes cannot stall the stream. Default 200. */
  readonly lookUpsPerSecond?: number;
}

/** What happened so far; each only grows, but for `processes` and `bytes`. */
export interface ProcessTableStats {
  processes: number;
  bytes: number;
  forks: number;
  execs: number;
  exits: number;
  /** First seen by an event other than their fork. */
  unknown: number;
  healed: number;
  notFound: number;
  /** Not looked up because of the limit. */
  skipped: number;
  evicted: number;
}

export interface ProcessTable extends ProcessLookup {
  readonly stats: Readonly<ProcessTableStats>;
  /** Takes processes that were there before. `forEach` calls its argument for each; the links are made at the end. */
  seed(forEach: (visit: (task: TaskFacts) => void) => void): void;
  /** Brings the state up to this event and gives the event's process. An ended process is still given for its end. */
  apply(event: Event): Process;
  find(pid: number, start: BootTime): Process | undefined;
  /** Metadata of a cgroup has arrived or changed: processes in it are looked at anew. */
  refreshContainer(cgroupId: Unsigned64): void;
}

const COARSE_NS = 20_000_000;
/** Descent is cut here: no honest chain is deeper, and a stack must not overflow. */
const HEAL_DEPTH = 64;

export function createProcessTable(deps: ProcessTableDeps, options: ProcessTableOptions = {}): ProcessTable {
  return new Table(deps, options);
}

class Table implements ProcessTable {
  readonly stats: ProcessTableStats = {
    processes: 0,
    bytes: 0,
    forks: 0,
    execs: 0,
    exits: 0,
    unknown: 0,
    healed: 0,
    notFound: 0,
    skipped: 0,
    evicted: 0,
  };
  readonly #byPid = new Map<number, ProcessEntry>();
  /** The ended, in order of their ends, until they are let go. */
  #ended: ProcessEntry[] = [];
  #endedHead = 0;
  readonly #deps: ProcessTableDeps;
  readonly #limitBytes: number;
  readonly #keepEndedNs: number;
  readonly #lookUps: SecondBudget;

  constructor(deps: ProcessTableDeps, options: ProcessTableOptions) {
    this.#deps = deps;
    this.#limitBytes = options.limitBytes ?? 64 * 1024 * 1024;
    this.#keepEndedNs = options.keepEndedNs ?? 5_000_000_000;
    this.#lookUps = new SecondBudget(options.lookUpsPerSecond ?? 200);
  }

  byPid(pid: number): Process | undefined {
    return this.#byPid.get(pid);
  }

  find(pid: number, start: BootTime): Process | undefined {
    return this.#find(pid, start);
  }

  seed(forEach: (visit: (task: TaskFacts) => void) => void): void {
    const seeded: ProcessEntry[] = [];
    forEach((task) => {
      if (this.#find(task.pid, task.pidStart) === undefined) seeded.push(this.#insertTask(task, false));
    });
    for (const entry of seeded) entry.moveTo(this.#find(entry.ppid, entry.ppidStart));
  }

  apply(event: Event): Process {
    const entry = this.#processOf(event);
    switch (event.kind) {
      case 'fork':
        this.#fork(entry, event);
        break;
      case 'exec':
        this.#exec(entry, event);
        break;
      case 'exit':
        if (event.endsProcess) this.#end(entry, event.bootTime);
        break;
      default:
    }
    return entry;
  }

  refreshContainer(cgroupId: Unsigned64): void {
    for (const entry of this.#byPid.values()) {
      if (entry.cgroupId !== cgroupId) continue;
      entry.container = this.#deps.container(cgroupId, entry.pid);
      entry.mask.revision++;
    }
  }

  #find(pid: number, start: BootTime): ProcessEntry | undefined {
    const entry = this.#byPid.get(pid);
    if (entry === undefined) return undefined;
    if (entry.start === start) return entry;
    return entry.startIsCoarse && Math.abs(entry.start - start) < COARSE_NS ? entry : undefined;
  }

  /** The event's process, with what the header says of it. */
  #processOf(event: Event): ProcessEntry {
    const entry = this.#find(event.pid, event.pidStart) ?? this.#meet(event);
    if (entry.startIsCoarse) {
      entry.start = event.pidStart;
      entry.startNs = event.pidStartNs;
      entry.startIsCoarse = false;
    }
    entry.seenAt = event.bootTime;
    this.#refresh(entry, event);
    return entry;
  }

  /** A process whose fork was not seen. */
  #meet(event: Event): ProcessEntry {
    this.stats.unknown++;
    const found = event.endsProcess || event.kind === 'exec' ? undefined : this.#lookUp(event.pid, event.bootTime);
    const entry =
      found !== undefined && Math.abs(found.pidStart - event.pidStart) < COARSE_NS
        ? this.#insertTask(found, true)
        : this.#insert(new ProcessEntry(event.pid, event.pidStart, event.pidStartNs), event.bootTime);
    if (entry.comm === '') entry.comm = event.comm;
    return entry;
  }

  /** The header is newer than what is kept; a difference makes what depends on the process stale. */
  #refresh(entry: ProcessEntry, event: Event): void {
    if (entry.ppid !== event.ppid || entry.ppidStart !== event.ppidStart) {
      entry.ppid = event.ppid;
      entry.ppidStart = event.ppidStart;
      entry.parentSought = false;
      this.#adopt(entry, event.bootTime);
    } else if (entry.parent === undefined && !entry.parentSought) {
      this.#adopt(entry, event.bootTime);
    }
    if (entry.take(event)) entry.mask.revision++;
    const { cgroupId } = event;
    if (entry.cgroupId !== cgroupId || entry.container === undefined) {
      entry.cgroupId = cgroupId;
      const container = this.#deps.container(cgroupId, entry.pid);
      if (container !== entry.container) {
        entry.container = container;
        entry.mask.revision++;
      }
    }
  }

  /** Links a process to the parent that its header names, which is looked up if it is not known. */
  #adopt(entry: ProcessEntry, now: BootTime): void {
    const parent = this.#find(entry.ppid, entry.ppidStart) ?? this.#heal(entry.ppid, entry.ppidStart, now, 0);
    entry.parentSought = true;
    if (parent === entry.parent || parent === entry) return;
    if (entry.endedAt === 0) entry.moveTo(parent);
    else entry.parent = parent;
    entry.bumpWithDescendants();
  }

  /** Looks up a missing parent, and its parents. `start` 0: not known; else a later process with the pid is not it. */
  #heal(pid: number, start: BootTime, now: BootTime, depth: number): ProcessEntry | undefined {
    if (pid === 0 || depth > HEAL_DEPTH) return undefined;
    const task = this.#lookUp(pid, now);
    if (task === undefined || (start !== 0 && Math.abs(task.pidStart - start) >= COARSE_NS)) return undefined;
    const known = this.#byPid.get(pid);
    if (known !== undefined && Math.abs(known.start - task.pidStart) < COARSE_NS) return known;
    const entry = this.#insertTask(task, true);
    entry.moveTo(this.#byPid.get(task.ppid) ?? this.#heal(task.ppid, 0, now, depth + 1));
    entry.ppidStart = entry.parent?.start ?? 0;
    return entry;
  }

  #lookUp(pid: number, now: BootTime): TaskFacts | undefined {
    if (!this.#lookUps.take(now)) {
      this.stats.skipped++;
      return undefined;
    }
    const found = this.#deps.lookUp(pid);
    if (found === undefined) this.stats.notFound++;
    else this.stats.healed++;
    return found;
  }

  #fork(parent: ProcessEntry, event: Event): void {
    const { child } = event;
    if (child === undefined || child.isThread) return;
    this.stats.forks++;
    // Seeded in the meantime: what the iterator saw is newer.
    if (this.#find(child.pid, child.pidStart) !== undefined) return;
    const entry = this.#insert(new ProcessEntry(child.pid, child.pidStart, child.pidStartNs), event.bootTime);
    entry.inherit(parent, event, child);
    entry.container =
      child.cgroupId === parent.cgroupId ? parent.container : this.#deps.container(child.cgroupId, child.pid);
    entry.moveTo(child.ppid === parent.pid ? parent : this.#find(child.ppid, child.ppidStart));
  }

  #exec(entry: ProcessEntry, event: Event): void {
    if (event.image === undefined) return;
    this.stats.execs++;
    this.stats.bytes -= entry.bytes;
    entry.become(event.image, event.comm);
    this.stats.bytes += entry.bytes;
    entry.bumpWithDescendants();
    this.#makeRoom(event.bootTime);
  }

  #end(entry: ProcessEntry, now: BootTime): void {
    if (entry.endedAt !== 0) return;
    this.stats.exits++;
    entry.endedAt = now;
    entry.leaveSiblings();
    this.#ended.push(entry);
    this.#sweep(now);
  }

  /** Lets go of those that ended long ago and have no living children. */
  #sweep(now: BootTime): void {
    while (this.#endedHead < this.#ended.length) {
      const entry = this.#ended[this.#endedHead] as ProcessEntry;
      if (now - entry.endedAt < this.#keepEndedNs) break;
      this.#endedHead++;
      if (entry.firstChild === undefined) {
        this.#remove(entry);
      } else {
        entry.endedAt = now;
        this.#ended.push(entry);
      }
    }
    if (this.#endedHead > 1024 && this.#endedHead * 2 > this.#ended.length) {
      this.#ended = this.#ended.slice(this.#endedHead);
      this.#endedHead = 0;
    }
  }

  #insertTask(task: TaskFacts, startIsCoarse: boolean): ProcessEntry {
    const entry = new ProcessEntry(task.pid, task.pidStart, task.pidStartNs);
    entry.ppid = task.ppid;
    entry.ppidStart = task.ppidStart;
    entry.startIsCoarse = startIsCoarse;
    entry.take(task);
    entry.become(task.image, task.comm);
    entry.cgroupId = task.cgroupId;
    entry.container = this.#deps.container(task.cgroupId, task.pid);
    return this.#insert(entry, task.bootTime);
  }

  #insert(entry: ProcessEntry, now: BootTime): ProcessEntry {
    const former = this.#byPid.get(entry.pid);
    if (former !== undefined) this.#forget(former);
    this.#byPid.set(entry.pid, entry);
    entry.seenAt = now;
    this.stats.processes++;
    this.stats.bytes += entry.bytes;
    this.#makeRoom(now);
    return entry;
  }

  /** The pid has a new owner: the former one has ended, seen or not. Its children keep it as their parent. */
  #forget(entry: ProcessEntry): void {
    if (entry.endedAt === 0) entry.leaveSiblings();
    this.#remove(entry);
  }

  #remove(entry: ProcessEntry): void {
    if (this.#byPid.get(entry.pid) !== entry) return;
    this.#byPid.delete(entry.pid);
    this.stats.processes--;
    this.stats.bytes -= entry.bytes;
  }

  /** Over the limit: an eighth goes at once, the ended first, then the longest silent. They are met anew if they act. */
  #makeRoom(now: BootTime): void {
    if (this.stats.bytes <= this.#limitBytes) return;
    this.#sweep(now);
    const goal = this.#limitBytes * 0.875;
    const order = [...this.#byPid.values()].sort(
      (a, b) => Number(b.endedAt !== 0) - Number(a.endedAt !== 0) || a.seenAt - b.seenAt,
    );
    for (const entry of order) {
      if (this.stats.bytes <= goal) return;
      this.#forget(entry);
      this.stats.evicted++;
    }
  }
}
