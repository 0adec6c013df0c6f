import { bothTexts, parameterText } from '../../decode/parameters/text.ts';
import type { ByteString } from '../../events/bytestring.ts';
import type {
  AddressFacts,
  Event,
  FdFacts,
  FileFacts,
  NameFacts,
  Names,
  Parameter,
  ParameterValue,
  RecordedFacts,
  SocketFacts,
} from '../../events/event.ts';
import type { EventKind, Lane } from '../../events/kinds.ts';
import { ScapActor } from './actor-view.ts';
import type { CaptureState } from './capture-state.ts';
import { byExitCode, enterCode, exitCode } from './codes.ts';
import { EVENT_FACTS, type EventFacts, GENERIC_EXIT, GENERIC_KINDS } from './event-facts.ts';
import { EventFrame } from './event-frame.ts';
import { EVENTS } from './event-table.ts';
import { guessOf } from './fd-guess.ts';
import { FD_PLACE, FD_PLACES } from './fd-places.ts';
import { ScapFd } from './fd-view.ts';
import type { Moment } from './moment.ts';
import { NAME_PLACES } from './name-places.ts';
import { ScapName } from './name-view.ts';
import { CLOSED_TEXT, textReading } from './parameter-texts.ts';
import { readValue } from './parameter-values.ts';
import { SYSCALL_NAMES } from './syscalls.gen.ts';
import { FAMILY, readAddress } from './tuple.ts';

const FCNTL = exitCode('fcntl');
const PROCEXIT = enterCode('procexit');
const ASYNC = enterCode('asyncevent');
const F_DUPFD = 1;
const F_DUPFD_CLOEXEC = 26;
const O_CREAT = 4;
const O_TMPFILE = 8192;
const CREAT = exitCode('creat');
/** By code: places of an open's flags and mode; -1 = it has none. */
const OPEN_FLAGS_AT = byExitCode(-1, { open: 2, openat: 3, openat2: 3, open_by_handle_at: 2 });
const OPEN_MODE_AT = byExitCode(-1, { open: 3, openat: 4, openat2: 4, creat: 2 });

/**
 * The present event of a capture, in the form that the sensor's events have. One object for all; nothing is kept of an
 * event, and what is not asked for is not made.
 */
export class ScapEvent extends ScapActor implements Event, RecordedFacts {
  frame: EventFrame = new EventFrame();
  /** Running number of the event in the capture. */
  sequence = 0;
  facts: EventFacts = EVENT_FACTS[0] as EventFacts;
  readonly #state: CaptureState;
  readonly #fd = new ScapFd();
  /** 0: not looked at yet, 1: there is one, 2: there is none. */
  #fdIs = 0;
  readonly #name: ScapName;
  readonly #secondName: ScapName;
  readonly lane: Lane = 'bulk';
  readonly generation = 0;
  readonly flags = 0;
  readonly image = undefined;
  readonly child = undefined;

  constructor(moment: Moment, state: CaptureState) {
    super(moment);
    this.#state = state;
    this.#name = new ScapName(moment);
    this.#secondName = new ScapName(moment);
  }

  begin(frame: EventFrame): void {
    this.frame = frame;
    this.facts = EVENT_FACTS[frame.code] as EventFacts;
    this.#fdIs = 0;
  }

  get kind(): EventKind {
    const { frame } = this;
    if (frame.code === GENERIC_EXIT) return GENERIC_KINDS[frame.number(0, 0)] ?? 'other';
    if (frame.code === FCNTL) {
      const command = frame.number(2, 0);
      return command === F_DUPFD || command === F_DUPFD_CLOEXEC ? 'dup' : 'other';
    }
    return this.facts.kind;
  }

  get type(): ByteString {
    const { frame } = this;
    if (frame.code <= GENERIC_EXIT) return SYSCALL_NAMES[frame.number(0, 0)] ?? 'unknown';
    if (frame.code === ASYNC) return frame.text(1) ?? 'asyncevent';
    return EVENTS[frame.code]?.name ?? '';
  }

  get timeNs(): bigint {
    return this.frame.timeNs;
  }

  get bootNs(): bigint {
    return this.frame.timeNs - this.#state.bootNs;
  }

  get bootTime(): number {
    return Number(this.bootNs);
  }

  get cpu(): number {
    return this.frame.cpu;
  }

  get result(): number | undefined {
    return this.facts.hasResult ? this.frame.result() : undefined;
  }

  get succeeded(): boolean {
    return !this.facts.hasResult || (this.frame.result() ?? 0) >= 0;
  }

  get recorded(): RecordedFacts {
    return this;
  }

  get category(): ByteString {
    return this.facts.category;
  }

  get isEnter(): boolean {
    return this.facts.isEnter;
  }

  get isCall(): boolean {
    return this.facts.isCall;
  }

  get beganNs(): bigint {
    return this.facts.isEnter ? 0n : (this.moment.thread?.enter.timeNs ?? 0n);
  }

  get waits(): boolean {
    return this.facts.waits;
  }

  get reads(): boolean {
    return this.facts.reads;
  }

  get writes(): boolean {
    return this.facts.writes;
  }

  get data(): ByteString | undefined {
    const { dataPlace } = this.facts;
    if (dataPlace < 0 || this.frame.code === ASYNC) return undefined;
    return this.frame.bytes(dataPlace);
  }

  get fd(): FdFacts | undefined {
    if (this.#fdIs === 0) this.#fdIs = this.#findFd() ? 1 : 2;
    return this.#fdIs === 1 ? this.#fd : undefined;
  }

  get file(): FileFacts | undefined {
    return this.fd?.file;
  }

  get socket(): SocketFacts | undefined {
    return this.fd?.socket;
  }

  get name(): NameFacts | undefined {
    const place = NAME_PLACES[this.frame.code]?.first;
    return place === undefined ? undefined : this.#name.at(place);
  }

  get secondName(): NameFacts | undefined {
    const place = NAME_PLACES[this.frame.code]?.second;
    return place === undefined ? undefined : this.#secondName.at(place);
  }

  get address(): AddressFacts | undefined {
    const place = EVENTS[this.frame.code]?.places.get('addr');
    const found = place === undefined ? undefined : readAddress(this.frame, place);
    if (found === undefined) return undefined;
    const { family, address, port, path } = found;
    return { family, address, port, unixPath: family === FAMILY.unix ? path : undefined };
  }

  get endsProcess(): boolean {
    const { thread } = this.moment;
    return this.frame.code === PROCEXIT && thread !== undefined && thread.leader.threads <= 1;
  }

  get openFlags(): number {
    const place = OPEN_FLAGS_AT[this.frame.code] as number;
    return place < 0 ? 0 : this.frame.u32(place, 0);
  }

  get openMode(): number {
    const { code } = this.frame;
    const place = OPEN_MODE_AT[code] as number;
    if (place < 0) return 0;
    const mode = this.frame.u32(place, 0);
    return code === CREAT || (this.openFlags & (O_CREAT | O_TMPFILE)) !== 0 ? mode : 0;
  }

  get parameters(): readonly Parameter[] {
    return this.facts.parameters;
  }

  rawArg(name: string): ParameterValue | undefined {
    const place = this.#placeOf(name);
    const parameter = EVENTS[this.frame.code]?.parameters[place];
    return parameter === undefined ? undefined : readValue(this.frame, place, parameter).value;
  }

  arg(name: string, names: Names): ByteString | undefined {
    const place = this.#placeOf(name);
    if (place < 0) return undefined;
    const { raw, resolved } = this.#text(place, names);
    return resolved === '' ? raw : resolved;
  }

  argsText(names: Names): ByteString {
    const { parameters } = this.facts;
    let text = '';
    for (let place = 0; place < parameters.length; place++) {
      if (place > 0) text += ' ';
      text += `${parameters[place]?.name}=${bothTexts(this.#text(place, names))}`;
    }
    return text;
  }

  #placeOf(name: string): number {
    if (this.facts.parameters.length === 0) return -1;
    return EVENTS[this.frame.code]?.places.get(name) ?? -1;
  }

  #text(place: number, names: Names) {
    const parameter = EVENTS[this.frame.code]?.parameters[place];
    if (parameter === undefined) return CLOSED_TEXT;
    return parameterText(textReading(this.frame, place, parameter, this.moment.thread), names);
  }

  #findFd(): boolean {
    const { moment, frame } = this;
    const { thread, fd: told } = moment;
    const place = FD_PLACES[frame.code] as number;
    if (place === FD_PLACE.none || thread === undefined) return false;
    if (told.isTold) {
      this.#fd.set(told.number, told.entry, told.name, told.rawName, told.guess);
    } else {
      const number = place < 0 ? -1 : frame.s64(place, -1);
      const isCreating = place === 0;
      const known = isCreating && number < 0 ? -1 : number;
      this.#fd.set(known, thread.fds.get(known), '', '', guessOf(frame));
    }
    this.#fd.nameChanged = told.nameChanged;
    this.#fd.clientIsLocal = this.#state.clientIsLocal(this.#fd.entry);
    return true;
  }
}
