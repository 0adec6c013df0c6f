import type { Event } from '../../events/event.ts';
import { BlockReader, type BlockStats, type CaptureSink } from './block-reader.ts';
import { CaptureState, type CaptureStateOptions } from './capture-state.ts';
import { Converter } from './converter.ts';
import { Damage, type ScapError } from './damage.ts';
import { EFFECTS } from './effects.ts';
import type { EventFrame } from './event-frame.ts';
import { EVENTS } from './event-table.ts';
import { ScapEvent } from './event-view.ts';
import { META_EFFECTS, type MetaEffect } from './meta-effects.ts';
import { Moment } from './moment.ts';
import { CLONE_CODES, clonedByChild } from './process-effects.ts';
import type {
  FdRecord,
  GroupRecord,
  InterfaceRecord,
  MachineRecord,
  ProcessRecord,
  UserRecord,
} from './state-records.ts';
import type { ScapThread } from './thread.ts';
import { Window } from './window.ts';

export interface ScapOptions extends CaptureStateOptions {
  /** Called for each event, in order; event and thread are valid during the call. */
  readonly visit: (event: Event, thread: ScapThread | undefined, capture: ScapCapture) => void;
  /** Largest block that is read. Default: 64 MiB. */
  readonly blockLimitBytes?: number;
}

/** Counts of what became of the events of a capture: read = given + joined + internal + unknown. */
export interface ScapCounts {
  /** Enter events, which their exit events take in. */
  joined: number;
  /** Given out. */
  given: number;
  /** Events of the recorder about itself, and what was recorded for the state only. */
  internal: number;
}

const BLOCK_LIMIT_BYTES = 64 << 20;
const STATE_ONLY = 1;

/** What is done with the events of a code before anything else. */
const ROUTE = { call: 0, internal: 1, meta: 2, clone: 3, tidless: 4 } as const;

const ROUTES: Uint8Array = Uint8Array.from(EVENTS, ({ code, category, name }) => {
  if (META_EFFECTS.has(code)) return ROUTE.meta;
  if (category === 'internal') return ROUTE.internal;
  if (CLONE_CODES.has(code)) return ROUTE.clone;
  return name === 'switch' || name === 'procexit' ? ROUTE.tidless : ROUTE.call;
});

/**
 * Reads a capture from its bytes, in whatever chunks they come: blocks, conversion to the newest events, state, and the
 * one event that `visit` sees. Synchronous; memory is bounded by the limits of the state and one block.
 */
export class ScapCapture implements CaptureSink {
  readonly state: CaptureState;
  readonly counts: ScapCounts = { joined: 0, given: 0, internal: 0 };
  readonly #visit: ScapOptions['visit'];
  readonly #window: Window;
  readonly #blocks: BlockReader;
  readonly #converter = new Converter();
  readonly #moment: Moment;
  readonly #event: ScapEvent;
  /** Until the first event that is none of state. */
  #atHead = true;

  constructor(options: ScapOptions) {
    const { visit, blockLimitBytes = BLOCK_LIMIT_BYTES } = options;
    this.state = new CaptureState(options);
    this.#visit = visit;
    this.#window = new Window(blockLimitBytes);
    this.#blocks = new BlockReader(this.#window, this, blockLimitBytes);
    this.#moment = new Moment(this.state);
    this.#event = new ScapEvent(this.#moment, this.state);
  }

  get blocks(): Readonly<BlockStats> {
    return this.#blocks.stats;
  }

  /** Exit events whose enter event was not the one before. */
  get mismatches(): number {
    return this.#converter.mismatches;
  }

  /** Takes the next bytes. What could be read has been given out when it returns; an error ends the capture. */
  push(chunk: Buffer): ScapError | undefined {
    return this.#guard(() => {
      this.#window.append(chunk);
      this.#blocks.run();
    });
  }

  /** There are no more bytes. */
  end(): ScapError | undefined {
    return this.#guard(() => this.#blocks.finish());
  }

  /** Offset up to which the capture was read. */
  get offset(): number {
    return this.#window.offset;
  }

  #guard(read: () => void): ScapError | undefined {
    try {
      read();
      return undefined;
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      return { offset: error.offset ?? this.#blocks.blockOffset, message: error.message };
    }
  }

  section(): void {
    this.state.clear();
  }

  machine(machine: MachineRecord): void {
    this.state.setMachine(machine);
  }

  process(record: ProcessRecord): void {
    this.state.threads.load(record);
  }

  fd(tid: number, record: FdRecord): void {
    this.state.addFd(tid, record);
  }

  networkInterface(record: InterfaceRecord): void {
    this.state.addInterface(record);
  }

  user(record: UserRecord): void {
    this.state.accounts.addUser('', record);
  }

  group(record: GroupRecord): void {
    this.state.accounts.addGroup('', record);
  }

  stateComplete(): void {
    this.state.complete();
  }

  event(frame: EventFrame): void {
    const { threads } = this.state;
    let thread = threads.get(frame.tid);
    if (!this.#converter.convert(frame, thread?.enter)) {
      if (thread === undefined && frame.tid > 0) this.#keepEnter(frame);
      this.counts.joined++;
      return;
    }
    const moment = this.#moment;
    switch (ROUTES[frame.code]) {
      case ROUTE.internal:
        this.counts.internal++;
        return;
      case ROUTE.meta:
        this.#meta(frame, META_EFFECTS.get(frame.code));
        return;
      case ROUTE.clone:
        if (frame.s64(0, -1) === 0) thread = clonedByChild(this.#at(frame, thread));
        break;
      case ROUTE.call:
        if (thread === undefined && frame.tid > 0) thread = threads.meet(frame.tid);
        break;
    }
    moment.begin(frame, thread);
    if (thread !== undefined) EFFECTS[frame.code]?.(moment, thread);
    this.#give(frame);
    if (thread !== undefined) this.#after(thread);
  }

  /** An enter event of a thread that nothing is known of: it is kept for the exit event. */
  #keepEnter(frame: EventFrame): void {
    this.state.threads.meet(frame.tid)?.enter.keep(frame);
  }

  #at(frame: EventFrame, thread: ScapThread | undefined): Moment {
    this.#moment.begin(frame, thread);
    return this.#moment;
  }

  #meta(frame: EventFrame, effect: MetaEffect | undefined): void {
    effect?.(this.state, frame);
    // Names of users and of containers may be others from now on.
    this.state.threads.revisions.changeAll();
    if (this.#atHead) {
      this.counts.internal++;
      return;
    }
    this.#moment.begin(frame, undefined);
    this.#give(frame);
  }

  #give(frame: EventFrame): void {
    this.#atHead = false;
    if ((frame.flags & STATE_ONLY) !== 0) {
      this.counts.internal++;
      return;
    }
    this.counts.given++;
    this.#event.sequence = this.counts.given;
    this.#event.begin(frame);
    this.#visit(this.#event, this.#moment.thread, this);
  }

  /** What an event does only when it has been looked at. */
  #after(thread: ScapThread): void {
    const { closing, reaper } = this.#moment;
    if (closing !== undefined) thread.fds.remove(closing);
    if (reaper !== undefined) this.state.threads.end(thread, reaper);
  }
}
