import type { ByteString } from '../events/bytestring.ts';
import type { EndpointFacts, ImageFacts } from '../events/event.ts';
import { endpointOf } from './endpoint.ts';
import { FileView } from './file-view.ts';
import { eventExec, eventHeader, eventKind, eventTask, execFlags } from './layout.gen.ts';
import type { RecordBytes } from './record-bytes.ts';
import { SocketView } from './socket-view.ts';

/** The image of an exec record, or of a task that was there before the agent. */
export class ImageView implements ImageFacts {
  readonly #record: RecordBytes;
  readonly #exe: FileView;
  readonly #file: FileView;
  readonly #socket: SocketView;

  constructor(record: RecordBytes) {
    this.#record = record;
    this.#exe = new FileView(record);
    this.#file = new FileView(record);
    this.#socket = new SocketView(record);
  }

  get exe(): FileView {
    this.#exe.at(this.#isTask ? eventTask.exe : eventExec.exe);
    return this.#exe;
  }

  get args(): readonly ByteString[] | undefined {
    // A process that was there before may have written its title over its arguments, padded with NULs.
    if (this.#isTask) return splitArguments(this.#record.text(eventTask.args)?.replace(/\0+$/, ''), true);
    return splitArguments(this.#record.text(eventExec.args), this.#record.u32(eventExec.argc) === 0);
  }

  get env(): readonly ByteString[] | undefined {
    return this.#isTask ? undefined : splitArguments(this.#record.text(eventExec.env), true);
  }

  get cwd(): ByteString | undefined {
    return this.#record.text(this.#isTask ? eventTask.cwd : eventExec.cwd);
  }

  get interpreter(): ByteString | undefined {
    return this.#isTask ? undefined : this.#record.text(eventExec.interpreter);
  }

  get capPermitted(): number {
    return this.#record.time(this.#isTask ? eventTask.capPermitted : eventExec.capPermitted);
  }

  get capInheritable(): number {
    return this.#record.time(this.#isTask ? eventTask.capInheritable : eventExec.capInheritable);
  }

  get stdin(): EndpointFacts | undefined {
    return this.#endpoint(eventExec.stdinFile, eventExec.stdinSock);
  }

  get stdout(): EndpointFacts | undefined {
    return this.#endpoint(eventExec.stdoutFile, eventExec.stdoutSock);
  }

  get writable(): boolean {
    return this.#has(execFlags.exeWritable);
  }

  get setid(): boolean {
    return this.#has(execFlags.setid);
  }

  get argsTruncated(): boolean {
    return this.#has(execFlags.argsTruncated);
  }

  get envTruncated(): boolean {
    return this.#has(execFlags.envTruncated);
  }

  get cgroupPath(): ByteString | undefined {
    return this.#isTask ? undefined : this.#record.text(eventExec.cgroup);
  }

  get #isTask(): boolean {
    return this.#record.u16(eventHeader.kind) === eventKind.task;
  }

  #has(flag: number): boolean {
    return !this.#isTask && (this.#record.u32(eventExec.execFlags) & flag) !== 0;
  }

  #endpoint(file: number, socket: number): EndpointFacts | undefined {
    if (this.#isTask) return undefined;
    return endpointOf(this.#file.at(file), this.#socket.at(socket));
  }
}

/** The kernel joins with NUL; an empty text is no argument or one empty argument, which only the count tells. */
function splitArguments(joined: ByteString | undefined, emptyIsNone: boolean): readonly ByteString[] | undefined {
  if (joined === undefined) return undefined;
  return joined === '' && emptyIsNone ? [] : joined.split('\0');
}
