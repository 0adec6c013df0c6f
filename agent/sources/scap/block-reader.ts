import { readAccount, readInterface } from './account-list.ts';
import { BLOCK_TYPES, type BlockType, EVENT_V2, SECTION_HEADER } from './block-types.ts';
import { Damage } from './damage.ts';
import { EventFrame } from './event-frame.ts';
import { readFd } from './fd-list.ts';
import { readProcess } from './process-list.ts';
import { Record } from './record.ts';
import type {
  FdRecord,
  GroupRecord,
  InterfaceRecord,
  MachineRecord,
  ProcessRecord,
  UserRecord,
} from './state-records.ts';
import type { Window } from './window.ts';

/** Takes what a capture holds, in its order. */
export interface CaptureSink {
  /** A section begins: what was known of processes, users and interfaces is over. */
  section(): void;
  machine(machine: MachineRecord): void;
  process(record: ProcessRecord): void;
  /** A descriptor of the process that this thread belongs to. */
  fd(tid: number, record: FdRecord): void;
  networkInterface(record: InterfaceRecord): void;
  user(record: UserRecord): void;
  group(record: GroupRecord): void;
  /** Before the first event of a section. */
  stateComplete(): void;
  /** The frame is valid during the call. */
  event(frame: EventFrame): void;
}

/** Counts of what was read. */
export interface BlockStats {
  blocks: number;
  sections: number;
  events: number;
  /** Blocks of types that are not known, and events with codes that are not known: they were skipped. */
  unknownBlocks: number;
  unknownEvents: number;
}

const FRAME = 8;
const TRAILER = 4;
const MAGIC = 0x1a2b3c4d;
const SWAPPED_MAGIC = 0x4d3c2b1a;
const SMALL_BLOCK_MAX = 65_536 + FRAME;
/** More than the known part of any record of a list. */
const RECORD_MAX = 32 * 1024;
const MACHINE_BYTES = 180;
const SECTION_BYTES = 16;
/** The shortest record with its length before it; interfaces do not count those four bytes. */
const SHORTEST: { readonly [kind: string]: number } = { processes: 4, descriptors: 21, interfaces: 16, users: 9 };
const WORDS: { readonly [kind: string]: string } = {
  section: 'section header',
  machine: 'machine info',
  processes: 'process list',
  descriptors: 'descriptor list',
  interfaces: 'interface list',
  users: 'user list',
  event: 'event',
};

/** Where in a block the reader stands. */
type Phase = 'frame' | 'records' | 'rest' | 'trailer';

/** Splits the bytes of a capture into blocks and their records, as far as the window goes; goes on where it stopped. */
export class BlockReader {
  readonly stats: BlockStats = { blocks: 0, sections: 0, events: 0, unknownBlocks: 0, unknownEvents: 0 };
  /** Where the block begins that is being read, in the capture. */
  blockOffset = 0;
  readonly #window: Window;
  readonly #sink: CaptureSink;
  readonly #blockMax: number;
  readonly #frame = new EventFrame();
  readonly #record: Record;
  #phase: Phase = 'frame';
  #type: BlockType | undefined;
  #length = 0;
  /** Bytes of the block before its trailer that are not yet consumed. */
  #left = 0;
  /** Bytes of a record beyond its known part that are to be passed over. */
  #passOver = 0;
  /** Thread of the descriptor list. */
  #tid = 0;
  #hasOwner = false;
  #inEvents = false;

  constructor(window: Window, sink: CaptureSink, blockMax: number) {
    this.#window = window;
    this.#sink = sink;
    this.#blockMax = blockMax;
    this.#record = new Record(window);
  }

  /** Consumes all that is whole. Throws Damage. */
  run(): void {
    while (this.#step());
  }

  /** The capture is over: throws Damage when it ends inside of a block, or before any event. */
  finish(): void {
    const have = this.#window.end - this.#window.at;
    if (this.#phase === 'frame' && have === 0) {
      if (this.stats.events > 0) return;
      throw new Damage('the capture ends before its first event', this.#window.offset);
    }
    if (this.#phase === 'frame' && have < FRAME) {
      throw new Damage(`the capture ends with ${have} bytes, a block begins with ${FRAME}`, this.#window.offset);
    }
    const length = this.#phase === 'frame' ? this.#window.view.getUint32(this.#window.at + 4, true) : this.#length;
    const from = this.#phase === 'frame' ? this.#window.offset : this.blockOffset;
    const there = this.#window.offsetOf(this.#window.end) - from;
    throw new Damage(`the capture ends inside of a block: it has ${there} of its ${length} bytes`, from);
  }

  #step(): boolean {
    switch (this.#phase) {
      case 'frame':
        return this.#nextBlock();
      case 'records':
        return this.#nextRecord();
      case 'rest':
        return this.#skipRest();
      case 'trailer':
        return this.#checkTrailer();
    }
  }

  #nextBlock(): boolean {
    const window = this.#window;
    const { view } = window;
    // Events follow one another: this loop is what a long capture is read with.
    for (;;) {
      const at = window.at;
      const have = window.end - at;
      if (have < FRAME) return false;
      const number = view.getUint32(at, true);
      const length = view.getUint32(at + 4, true);
      if (number !== EVENT_V2 || length > SMALL_BLOCK_MAX) return this.#otherBlock(number, length);
      if (have < length) return false;
      this.blockOffset = window.offset;
      this.#event(PLAIN_EVENT, at, length);
    }
  }

  #otherBlock(number: number, length: number): boolean {
    const window = this.#window;
    this.blockOffset = window.offset;
    const type = BLOCK_TYPES.get(number);
    if (this.stats.sections === 0 && number !== SECTION_HEADER) {
      throw new Damage(`this is no capture: it begins with ${hex(number)}, not with the section header 0x0a0d0d0a`);
    }
    if (length < FRAME + TRAILER) throw new Damage(`${nameOf(type, number)} says that it has ${length} bytes`);
    if (type?.kind === 'event') {
      const limit = type.large ? this.#blockMax : SMALL_BLOCK_MAX;
      if (length > limit) {
        throw new Damage(`an event block says that it has ${length} bytes, at most ${limit} are read`);
      }
      if (window.end - window.at < length) return false;
      this.#event(type, window.at, length);
      return true;
    }
    if (this.#inEvents && type !== undefined && type.kind !== 'section') {
      throw new Damage(`${nameOf(type, number)} follows an event; it must follow a section header`);
    }
    window.at += FRAME;
    this.stats.blocks++;
    this.#type = type;
    this.#length = length;
    this.#left = length - FRAME - TRAILER;
    this.#hasOwner = false;
    if (type === undefined) this.stats.unknownBlocks++;
    this.#phase = type === undefined ? 'rest' : 'records';
    return true;
  }

  #event(type: BlockType, at: number, length: number): void {
    const window = this.#window;
    const end = at + length - TRAILER;
    if (length < FRAME + TRAILER) throw new Damage(`an event block says that it has ${length} bytes`);
    if (window.view.getUint32(end, true) !== length) throw this.#wrongTrailer(window.view.getUint32(end, true), length);
    this.stats.blocks++;
    this.stats.events++;
    if (!this.#inEvents) {
      this.#inEvents = true;
      this.#sink.stateComplete();
    }
    const isKnown = this.#frame.read(window, type, at + FRAME, end);
    window.at = at + length;
    if (isKnown) this.#sink.event(this.#frame);
    else this.stats.unknownEvents++;
  }

  /** Reads one record, or the one part that the block has. */
  #nextRecord(): boolean {
    const window = this.#window;
    const have = window.end - window.at;
    if (this.#passOver > 0) {
      const over = Math.min(this.#passOver, have);
      this.#consume(over);
      this.#passOver -= over;
      return over > 0 || this.#passOver === 0;
    }
    const kind = this.#type?.kind;
    if (kind === 'section' || kind === 'machine') return this.#onlyPart(kind, have);
    if (have < Math.min(this.#left, RECORD_MAX)) return false;
    if (kind === 'descriptors' && !this.#hasOwner) {
      const record = this.#record.open(window.at, window.at + this.#left);
      this.#tid = record.s64();
      this.#hasOwner = true;
      this.#consume(8);
      return true;
    }
    if (this.#left < 4) this.#phase = 'rest';
    else this.#listRecord(kind, this.#type?.version ?? 1, have);
    return true;
  }

  #listRecord(kind: string | undefined, version: number, have: number): void {
    const window = this.#window;
    const start = window.at;
    const isCounted = kind === 'processes' ? version === 9 : version === 2;
    if (!isCounted) {
      const record = this.#record.open(start, start + Math.min(this.#left, have));
      this.#read(kind, record, version);
      this.#consume(record.at - start);
      return;
    }
    const stated = window.view.getUint32(start, true);
    const size = kind === 'interfaces' ? stated + 4 : stated;
    if (stated < (SHORTEST[kind ?? ''] ?? 4) || size > this.#left) {
      const offset = window.offsetOf(start);
      throw new Damage(`a record of a ${WORDS[kind ?? '']} says ${stated} bytes, ${this.#left} are left`, offset);
    }
    const there = Math.min(size, have);
    this.#read(kind, this.#record.open(start + 4, start + there), version);
    this.#passOver = size - there;
    this.#consume(there);
  }

  #read(kind: string | undefined, record: Record, version: number): void {
    const sink = this.#sink;
    switch (kind) {
      case 'processes':
        sink.process(readProcess(record, version));
        break;
      case 'descriptors':
        sink.fd(this.#tid, readFd(record, version));
        break;
      case 'interfaces':
        sink.networkInterface(readInterface(record));
        break;
      default: {
        const account = readAccount(record);
        if ('user' in account) sink.user(account.user);
        else sink.group(account.group);
      }
    }
  }

  #onlyPart(kind: 'section' | 'machine', have: number): boolean {
    const needed = kind === 'section' ? SECTION_BYTES : MACHINE_BYTES;
    if (this.#left < needed) throw new Damage(`a ${WORDS[kind]} has ${needed} bytes, this one ${this.#left}`);
    if (have < needed) return false;
    const record = this.#record.open(this.#window.at, this.#window.at + needed);
    if (kind === 'section') this.#section(record);
    else this.#sink.machine(readMachine(record));
    this.#consume(needed);
    this.#phase = 'rest';
    return true;
  }

  #section(record: Record): void {
    const magic = record.u32();
    const major = record.u16();
    if (magic === SWAPPED_MAGIC) throw new Damage('the capture is big-endian; only little-endian captures are read');
    if (magic !== MAGIC) throw new Damage(`a section header has the magic number ${hex(magic)}, not ${hex(MAGIC)}`);
    if (major !== 1) throw new Damage(`the capture has the format version ${major}, version 1 is known`);
    this.stats.sections++;
    this.#inEvents = false;
    this.#sink.section();
  }

  #skipRest(): boolean {
    const there = Math.min(this.#left, this.#window.end - this.#window.at);
    this.#consume(there);
    if (this.#left > 0) return false;
    this.#phase = 'trailer';
    return true;
  }

  #checkTrailer(): boolean {
    const window = this.#window;
    if (window.end - window.at < TRAILER) return false;
    const trailer = window.view.getUint32(window.at, true);
    if (trailer !== this.#length) throw this.#wrongTrailer(trailer, this.#length);
    window.at += TRAILER;
    this.#phase = 'frame';
    return true;
  }

  #wrongTrailer(trailer: number, length: number): Damage {
    return new Damage(`a block begins with the length ${length} and ends with ${trailer}`);
  }

  #consume(bytes: number): void {
    this.#window.at += bytes;
    this.#left -= bytes;
  }
}

const PLAIN_EVENT = BLOCK_TYPES.get(EVENT_V2) as BlockType;

function readMachine(record: Record): MachineRecord {
  const cpus = record.u32();
  const memoryBytes = record.u64();
  record.u64();
  const padded = record.bytes(128);
  const end = padded.indexOf('\0');
  return { cpus, memoryBytes, hostname: end < 0 ? padded : padded.slice(0, end), bootNs: record.u64() };
}

function hex(number: number): string {
  return `0x${number.toString(16).padStart(8, '0')}`;
}

function nameOf(type: BlockType | undefined, number: number): string {
  return type === undefined ? `a block of the unknown type ${hex(number)}` : `a ${WORDS[type.kind]}`;
}
