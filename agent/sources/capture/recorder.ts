import { type FileHandle, open } from 'node:fs/promises';
import type { Gap } from '../../events/gap.ts';
import { AtalayaError } from '../../lib/errors.ts';
import { type SourceBatch, visitBatch } from '../batch.ts';
import { BlockType, CODEC, compress, encodeBlock, MAGIC } from './block.ts';
import type { CaptureHeader, Fact } from './header.ts';
import { encodeJson } from './json.ts';

/** Larger blocks pack no better; a killed recorder loses at most the last one. */
const BLOCK_BYTES = 256 * 1024;
/** What waits no longer than this is in the file. */
const FLUSH_MS = 500;

export interface RecorderStats {
  readonly events: bigint;
  readonly bytes: number;
}

/** Writes a capture: what the kernel sent, and what is needed to read it elsewhere. */
export interface Recorder {
  /** Records of the task iterator. */
  tasks(buffer: Buffer): void;
  fact(fact: Fact): void;
  /** Resolves when there is room for more. `count`: records in it. */
  batch(batch: SourceBatch, count: number, wallOffsetNs: bigint): Promise<void>;
  stats(): RecorderStats;
  /** Writes what waits and the last block. Rejects with E_CAPTURE_WRITE when the file could not be written. */
  close(): Promise<void>;
}

/** Makes the file (mode 0600), replacing one that is there. Throws E_CAPTURE_WRITE. */
export async function createRecorder(path: string, header: CaptureHeader): Promise<Recorder> {
  const file = await open(path, 'w', 0o600).catch((cause: unknown) => {
    throw writeError(path, cause);
  });
  const recorder = new FileRecorder(path, file);
  recorder.begin(header);
  return recorder;
}

class FileRecorder implements Recorder {
  private readonly path: string;
  private readonly file: FileHandle;
  private records: Buffer[] = [];
  private recordBytes = 0;
  private wallOffsetNs = 0n;
  private facts: Fact[] = [];
  /** Blocks are packed and written one after another, beside the main thread. */
  private written: Promise<void> = Promise.resolve();
  private error: AtalayaError | undefined;
  private events = 0n;
  private bytes = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(path: string, file: FileHandle) {
    this.path = path;
    this.file = file;
    this.timer = setInterval(() => this.flush(), FLUSH_MS);
  }

  begin(header: CaptureHeader): void {
    this.enqueue(async () => this.write(MAGIC));
    this.block(BlockType.header, encodeJson(header));
  }

  tasks(buffer: Buffer): void {
    // Facts that were learned from them stand before them.
    this.flush();
    this.block(BlockType.tasks, Buffer.from(buffer));
  }

  fact(fact: Fact): void {
    this.facts.push(fact);
  }

  async batch(batch: SourceBatch, count: number, wallOffsetNs: bigint): Promise<void> {
    if (wallOffsetNs !== this.wallOffsetNs) this.flush();
    this.wallOffsetNs = wallOffsetNs;
    this.events += BigInt(count);
    visitBatch(batch, {
      records: (buffer) => {
        this.records.push(Buffer.from(buffer));
        this.recordBytes += buffer.length;
      },
      gap: (gap) => this.gap(gap),
    });
    if (this.recordBytes < BLOCK_BYTES) return;
    const before = this.written;
    this.flush();
    // One block may be on its way while the next is filled.
    await before;
    if (this.error !== undefined) throw this.error;
  }

  stats(): RecorderStats {
    return { events: this.events, bytes: this.bytes };
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.flush();
    this.block(BlockType.end, encodeJson({ events: this.events }));
    await this.written;
    await this.file.close();
    if (this.error !== undefined) throw this.error;
  }

  private gap(gap: Gap): void {
    this.flush();
    this.block(BlockType.gap, encodeJson(gap));
  }

  private flush(): void {
    if (this.facts.length > 0) this.block(BlockType.facts, encodeJson(this.facts.splice(0)));
    if (this.recordBytes === 0) return;
    const offset = Buffer.alloc(8);
    offset.writeBigInt64LE(this.wallOffsetNs);
    const bytes = Buffer.concat([offset, ...this.records.splice(0)]);
    this.recordBytes = 0;
    this.block(BlockType.events, bytes);
  }

  private block(type: BlockType, bytes: Buffer): void {
    this.enqueue(async () => this.write(encodeBlock(type, await compress(bytes), bytes.length, CODEC)));
  }

  private enqueue(work: () => Promise<void>): void {
    this.written = this.written.then(async () => {
      if (this.error !== undefined) return;
      try {
        await work();
      } catch (cause) {
        this.error = writeError(this.path, cause);
      }
    });
  }

  private async write(bytes: Buffer): Promise<void> {
    await this.file.appendFile(bytes);
    this.bytes += bytes.length;
  }
}

function writeError(path: string, cause: unknown): AtalayaError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AtalayaError('E_CAPTURE_WRITE', `the capture ${path} cannot be written: ${why}`, { cause });
}
