import type { ByteString } from '../events/bytestring.ts';
import {
  FD_TYPES,
  type FdFacts,
  type FdRole,
  type FdType,
  type FileFacts,
  type NameFacts,
  type SocketFacts,
} from '../events/event.ts';
import { fileName, fileType, guessRole, hasRemote, isIp, isListening, socketName, socketType } from './endpoint.ts';

const TCP_ESTABLISHED = 1;

/** What fd-rules.ts decides for one event; strings are computed when they are asked for. */
export class FdView implements FdFacts {
  number = -1;
  file: FileFacts | undefined;
  socket: SocketFacts | undefined;
  /** Overrides what file and socket say; undefined where neither an override nor a file or socket is there. */
  #type: FdType | undefined;
  #name: ByteString | undefined;
  /** The path argument, for what is named by it. */
  #argument: NameFacts | undefined;
  #role: FdRole | undefined;
  #guess: FdType = 'unknown';
  #connected: boolean | undefined;
  nameChanged = false;

  /** Starts anew: a number that refers to nothing known. `guess` is the type whose letter is shown then. */
  reset(number: number, guess: FdType): FdView {
    this.number = number;
    this.file = undefined;
    this.socket = undefined;
    this.#type = undefined;
    this.#name = undefined;
    this.#argument = undefined;
    this.#role = undefined;
    this.#guess = guess;
    this.#connected = undefined;
    this.nameChanged = false;
    return this;
  }

  of(file: FileFacts | undefined, socket: SocketFacts | undefined): FdView {
    this.file = file;
    this.socket = socket;
    return this;
  }

  typed(type: FdType): FdView {
    this.#type = type;
    return this;
  }

  named(name: ByteString): FdView {
    this.#name = name;
    return this;
  }

  /** Opened by this path argument, which also names it where there is no file. */
  by(argument: NameFacts | undefined): FdView {
    this.#argument = argument;
    return this;
  }

  as(role: FdRole, connected: boolean): FdView {
    this.#role = role;
    this.#connected = connected;
    return this;
  }

  changed(changed: boolean): FdView {
    this.nameChanged = changed;
    return this;
  }

  get type(): FdType | undefined {
    if (this.#type !== undefined) return this.#type;
    if (this.socket !== undefined) return socketType(this.socket);
    return this.file === undefined ? undefined : fileType(this.file);
  }

  get typeChar(): string {
    return FD_TYPES[this.type ?? this.#guess];
  }

  get name(): ByteString {
    if (this.#name === undefined) this.#name = this.#nameNow();
    return this.#name;
  }

  get rawName(): ByteString {
    return this.#argument?.raw ?? '';
  }

  get role(): FdRole {
    return this.#role ?? (this.socket === undefined ? 'none' : guessRole(this.socket));
  }

  get clientIsLocal(): boolean {
    return this.role === 'client';
  }

  get listening(): boolean {
    return (
      this.socket !== undefined && (isListening(this.socket) || (this.role === 'server' && !hasRemote(this.socket)))
    );
  }

  get connected(): boolean {
    if (this.#connected !== undefined) return this.#connected;
    const socket = this.socket;
    return socket !== undefined && isIp(socket) && (socket.state === TCP_ESTABLISHED || hasRemote(socket));
  }

  #nameNow(): ByteString {
    if (this.socket !== undefined) return socketName(this.socket, this.role);
    return this.file === undefined ? (this.#argument?.path ?? '') : fileName(this.file);
  }
}
