import type { ByteString } from '../events/bytestring.ts';
import type {
  AddressFacts,
  Event,
  FdFacts,
  FileFacts,
  NameFacts,
  Names,
  Parameter,
  ParameterValue,
  SocketFacts,
} from '../events/event.ts';
import type { CollectedKind } from '../events/kinds.ts';
import { ChildView } from './child-view.ts';
import { FD_RULES } from './fd-rules.ts';
import { FdView } from './fd-view.ts';
import { FileView } from './file-view.ts';
import { HeaderCursor } from './header-cursor.ts';
import { ImageView } from './image-view.ts';
import { DEFAULT_TYPE_OF_CODE, KIND_OF_CODE } from './kinds.ts';
import {
  eventDup,
  eventExit,
  eventFlags,
  eventHeader,
  eventKind,
  eventMemfd,
  eventOpen,
  eventSocket,
} from './layout.gen.ts';
import { NameView } from './name-view.ts';
import { OPEN_CREATED, OPEN_LOWER_LAYER, OPEN_UPPER_LAYER, openFlagsOf } from './open-flags.ts';
import type { RecordParameter } from './parameters/parameter.ts';
import { parametersOf } from './parameters/table.ts';
import { bothTexts, type ParameterText, parameterText } from './parameters/text.ts';
import { FILE_AT, HAS_ADDRESS, NAME_AT, SECOND_NAME_AT, SOCKET_AT } from './places.ts';
import { AddressedSocket, AddressView, SocketView } from './socket-view.ts';
import { type CallTables, callTables, type Machine } from './syscalls.ts';

/** Falco's bits for an open that may create a file. */
const MAY_CREATE = 4 | 8192;
/** SOCK_NONBLOCK and SOCK_CLOEXEC have the numbers of O_NONBLOCK and O_CLOEXEC, on both architectures. */
const SOCK_FLAGS = 0x8_0800;

/** Where the records come from, as far as it changes their meaning. */
export interface RecordOrigin {
  readonly machine: Machine;
  /** Wall clock minus boot clock, ns. The source renews it when the clock is set. */
  wallOffsetNs: bigint;
}

/**
 * One record at a time, as an Event: every kind in one shape, so that code which reads events stays monomorphic. It
 * allocates nothing but the texts and big numbers that are asked for. `moveTo` decides which record; whoever moves it
 * has checked the record (RecordBytes.isWhole).
 */
export class RecordCursor extends HeaderCursor implements Event {
  readonly origin: RecordOrigin;
  /** Kind by its number; 0 before the first move. */
  code = 0;

  readonly #calls: CallTables;
  readonly #file = new FileView(this.bytes);
  readonly #socket = new SocketView(this.bytes);
  readonly #address = new AddressView(this.bytes);
  readonly #addressed = new AddressedSocket();
  readonly #name = new NameView(this.bytes);
  readonly #secondName = new NameView(this.bytes);
  readonly #image = new ImageView(this.bytes);
  readonly #child = new ChildView(this.bytes);
  readonly #fd = new FdView();
  #fdEpoch = -1;
  #fdFacts: FdView | undefined;
  #openFlagsEpoch = -1;
  #openFlags = 0;

  constructor(origin: RecordOrigin) {
    super();
    this.origin = origin;
    this.#calls = callTables(origin.machine);
  }

  /** Stands on the record of `length` bytes at `start` of the attached buffer. */
  moveTo(start: number, length: number): void {
    this.bytes.moveTo(start, length);
    this.code = this.bytes.u16(eventHeader.kind);
  }

  /** Bytes of the record, copied: what is kept beyond the batch. */
  snapshot(): Buffer {
    return Buffer.from(this.bytes.buffer.subarray(this.bytes.start, this.bytes.start + this.bytes.length));
  }

  get kind(): CollectedKind {
    // Whoever moves the cursor has checked that the number is an event's.
    return KIND_OF_CODE[this.code] as CollectedKind;
  }

  get type(): ByteString {
    const table = this.flags & eventFlags.compat ? this.#calls.compat : this.#calls.native;
    const call = table[this.bytes.s32(eventHeader.syscall)];
    // Parameters are read by type: a number that belongs to another kind must not choose another struct's.
    return call?.kind === this.kind ? call.name : (DEFAULT_TYPE_OF_CODE[this.code] as string);
  }

  get timeNs(): bigint {
    return this.bootNs + this.origin.wallOffsetNs;
  }

  get result(): number | undefined {
    return this.code === eventKind.exit ? undefined : this.returnValue;
  }

  get succeeded(): boolean {
    // The sign is in the upper half.
    return this.code === eventKind.exit || this.bytes.s32(eventHeader.result + 4) >= 0;
  }

  get fd(): FdFacts | undefined {
    if (this.#fdEpoch !== this.bytes.epoch) {
      this.#fdFacts = FD_RULES[this.kind](this, this.#fd);
      this.#fdEpoch = this.bytes.epoch;
    }
    return this.#fdFacts;
  }

  get file(): FileFacts | undefined {
    const at = FILE_AT[this.code] as number;
    return at < 0 ? undefined : this.#file.at(at);
  }

  get socket(): SocketFacts | undefined {
    const at = SOCKET_AT[this.code] as number;
    return at < 0 ? undefined : this.#socket.at(at);
  }

  get address(): AddressFacts | undefined {
    return HAS_ADDRESS[this.code] === 0 ? undefined : this.#address.get();
  }

  get name(): NameFacts | undefined {
    const place = NAME_AT[this.code];
    return place === undefined ? undefined : this.#name.at(place);
  }

  get secondName(): NameFacts | undefined {
    const place = SECOND_NAME_AT[this.code];
    return place === undefined ? undefined : this.#secondName.at(place);
  }

  get image(): ImageView | undefined {
    if (this.code === eventKind.task) return this.#image;
    return this.code === eventKind.exec && this.succeeded ? this.#image : undefined;
  }

  get child(): ChildView | undefined {
    return this.code === eventKind.fork ? this.#child : undefined;
  }

  get endsProcess(): boolean {
    return this.code === eventKind.exit && this.bytes.u32(eventExit.groupDead) !== 0;
  }

  get openFlags(): number {
    if (this.code !== eventKind.open) return 0;
    if (this.#openFlagsEpoch !== this.bytes.epoch) {
      this.#openFlags = this.#openFlagsNow();
      this.#openFlagsEpoch = this.bytes.epoch;
    }
    return this.#openFlags;
  }

  get openMode(): number {
    if (this.code !== eventKind.open) return 0;
    const mode = this.bytes.u32(eventOpen.mode) & 0o7777;
    return this.type === 'creat' || (this.openFlags & MAY_CREATE) !== 0 ? mode : 0;
  }

  /** The result is not known: the request asked for no completion, or it was not told in time. */
  get resultAssumed(): boolean {
    return (this.flags & eventFlags.resultAssumed) !== 0;
  }

  /** Falco's bits for the overlay layer that the file is in. */
  get layerFlags(): number {
    const layer = this.file?.layer;
    return layer === 'upper' ? OPEN_UPPER_LAYER : layer === 'lower' ? OPEN_LOWER_LAYER : 0;
  }

  /** dup3's flags in Falco's numbers: O_CLOEXEC is all that it takes. */
  get dupFlags(): number {
    return openFlagsOf(this.origin.machine, this.bytes.u32(eventDup.flags) | 3);
  }

  /** The flags that are passed in socket's type, in Falco's numbers. */
  get socketFlags(): number {
    return openFlagsOf(this.origin.machine, (this.bytes.u32(eventSocket.type) & SOCK_FLAGS) | 3);
  }

  get memfdName(): ByteString {
    return this.bytes.text(eventMemfd.name) ?? '';
  }

  /** A datagram's socket with the address that it goes to as its peer. */
  addressed(socket: SocketFacts, address: AddressFacts): SocketFacts {
    return this.#addressed.of(socket, address);
  }

  get parameters(): readonly Parameter[] {
    return parametersOf(this.type).list;
  }

  rawArg(name: string): ParameterValue | undefined {
    return parametersOf(this.type).byName.get(name)?.value(this);
  }

  arg(name: string, names: Names): ByteString | undefined {
    const parameter = parametersOf(this.type).byName.get(name);
    if (parameter === undefined) return undefined;
    const text = this.#text(parameter, names);
    return text.resolved === '' ? text.raw : text.resolved;
  }

  argsText(names: Names): ByteString {
    return parametersOf(this.type)
      .list.map((parameter) => `${parameter.name}=${bothTexts(this.#text(parameter, names))}`)
      .join(' ');
  }

  #openFlagsNow(): number {
    // Falco's creat has no flags parameter, so nothing counts as asked for.
    if (this.type === 'creat') return 0;
    const created = this.file?.created ? OPEN_CREATED : 0;
    return openFlagsOf(this.origin.machine, this.bytes.u32(eventOpen.flags)) | created | this.layerFlags;
  }

  #text(parameter: RecordParameter, names: Names): ParameterText {
    const value = parameter.value(this);
    return parameterText({ parameter, value, refers: parameter.refers?.(this) }, names);
  }
}
