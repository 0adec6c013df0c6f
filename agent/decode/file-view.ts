import type { ByteString } from '../events/bytestring.ts';
import type { FileFacts, Unsigned64 } from '../events/event.ts';
import { fileBlock, fileFlags, overlayLayer } from './layout.gen.ts';
import type { RecordBytes } from './record-bytes.ts';

/** A file block of the record that the cursor stands on. */
export class FileView implements FileFacts {
  readonly #record: RecordBytes;
  /** Offset of the block in the record. */
  #at = 0;
  #path: ByteString = '';
  #pathAt = 0;
  #pathEpoch = -1;

  constructor(record: RecordBytes) {
    this.#record = record;
  }

  /** Looks at the block at this offset; undefined when it holds no file. */
  at(offset: number): FileView | undefined {
    this.#at = offset;
    return this.#record.u32(offset + fileBlock.mode) === 0 ? undefined : this;
  }

  get namespacePath(): ByteString {
    if (this.#pathEpoch !== this.#record.epoch || this.#pathAt !== this.#at) {
      this.#path = this.#record.text(this.#at + fileBlock.path) ?? '';
      this.#pathAt = this.#at;
      this.#pathEpoch = this.#record.epoch;
    }
    return this.#path;
  }

  get path(): ByteString {
    const root = this.#record.u16(this.#at + fileBlock.pathRootOffset);
    const path = this.namespacePath;
    // A memfd has a label only; /proc/PID/exe shows it as if it were in the root.
    if (this.memfd && !path.startsWith('/')) return `/${path}`;
    if (root === 0) return path;
    // The process's own root itself has nothing below it.
    return root === path.length ? '/' : this.#record.textAfter(this.#at + fileBlock.path, root);
  }

  get hasPath(): boolean {
    return (this.#flags & fileFlags.notPath) === 0;
  }

  get inode(): Unsigned64 {
    return this.#record.u64(this.#at + fileBlock.inode);
  }

  get dev(): number {
    return this.#record.u32(this.#at + fileBlock.dev);
  }

  get mode(): number {
    return this.#record.u32(this.#at + fileBlock.mode);
  }

  get openFlags(): number {
    return this.#record.u32(this.#at + fileBlock.openFlags);
  }

  get links(): number {
    return this.#record.u32(this.#at + fileBlock.nlink);
  }

  get uid(): number {
    return this.#record.u32(this.#at + fileBlock.uid);
  }

  get gid(): number {
    return this.#record.u32(this.#at + fileBlock.gid);
  }

  get ctimeNs(): bigint {
    return this.#record.big(this.#at + fileBlock.ctimeNs);
  }

  get mtimeNs(): bigint {
    return this.#record.big(this.#at + fileBlock.mtimeNs);
  }

  get layer(): FileFacts['layer'] {
    const layer = this.#record.u8(this.#at + fileBlock.overlay);
    if (layer === overlayLayer.upper) return 'upper';
    return layer === overlayLayer.lower ? 'lower' : 'none';
  }

  get deleted(): boolean {
    return (this.#flags & fileFlags.deleted) !== 0;
  }

  get memfd(): boolean {
    return (this.#flags & fileFlags.memfd) !== 0;
  }

  get created(): boolean {
    return (this.#flags & fileFlags.created) !== 0;
  }

  get #flags(): number {
    return this.#record.u8(this.#at + fileBlock.fileFlags);
  }
}
