import * as zlib from 'node:zlib';
import { crc32 } from './crc32.ts';

/*
 * A capture is MAGIC, then blocks. A block is a header of 24 bytes, little endian, and its stored bytes:
 *    0  u32  marker
 *    4  u8   type
 *    5  u8   codec of the stored bytes
 *    6  u16  0
 *    8  u32  length of the stored bytes
 *   12  u32  length of the bytes before they were compressed
 *   16  u32  CRC-32 of the stored bytes
 *   20  u32  CRC-32 of the 20 bytes before
 * Every block stands alone: a file that ends in the middle of one is readable up to there.
 */
export const MAGIC = Buffer.from('ATALAYA1', 'latin1');
export const BLOCK_HEADER_BYTES = 24;
const MARKER = 0x4b4c_4241;
/** Far above any block that is written; what claims more is damage. */
const RAW_MAX = 64 * 1024 * 1024;

export const BlockType = { header: 1, tasks: 2, events: 3, facts: 4, gap: 5, end: 6 } as const;
export type BlockType = (typeof BlockType)[keyof typeof BlockType];

const CODECS = { none: 0, gzip: 1, zstd: 2 } as const;
type Codec = keyof typeof CODECS;

/** The part of node:zlib that newer Node.js have. */
const modern = zlib as typeof zlib & {
  readonly zstdCompress?: (bytes: Uint8Array, done: (error: Error | null, result: Buffer) => void) => void;
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer;
};

/** zstd packs twice as well and as fast, where Node.js has it. */
export const CODEC: Codec = modern.zstdCompress === undefined ? 'gzip' : 'zstd';

/** Compresses off the main thread. */
export function compress(bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, result: Buffer): void => (error === null ? resolve(result) : reject(error));
    if (modern.zstdCompress !== undefined) modern.zstdCompress(bytes, done);
    else zlib.gzip(bytes, { level: 1 }, done);
  });
}

export function encodeBlock(type: BlockType, stored: Buffer, rawLength: number, codec: Codec): Buffer {
  const header = Buffer.alloc(BLOCK_HEADER_BYTES);
  header.writeUInt32LE(MARKER, 0);
  header.writeUInt8(type, 4);
  header.writeUInt8(CODECS[codec], 5);
  header.writeUInt32LE(stored.length, 8);
  header.writeUInt32LE(rawLength, 12);
  header.writeUInt32LE(crc32(stored), 16);
  header.writeUInt32LE(crc32(header.subarray(0, 20)), 20);
  return Buffer.concat([header, stored]);
}

export interface BlockHeader {
  readonly type: number;
  readonly codec: number;
  readonly storedLength: number;
  readonly rawLength: number;
  readonly crc: number;
}

/** Undefined where these bytes are no header of a block. */
export function decodeBlockHeader(bytes: Buffer): BlockHeader | undefined {
  if (bytes.readUInt32LE(0) !== MARKER || bytes.readUInt32LE(20) !== crc32(bytes.subarray(0, 20))) return undefined;
  const rawLength = bytes.readUInt32LE(12);
  const storedLength = bytes.readUInt32LE(8);
  if (rawLength > RAW_MAX || storedLength > RAW_MAX * 2) return undefined;
  return { type: bytes.readUInt8(4), codec: bytes.readUInt8(5), storedLength, rawLength, crc: bytes.readUInt32LE(16) };
}

/** Gives the bytes of a block, or in words why they cannot be had. */
export function decodeStored({ codec, rawLength, crc }: BlockHeader, stored: Buffer): Buffer | string {
  if (crc32(stored) !== crc) return 'its checksum is wrong';
  let raw: Buffer;
  try {
    const limit = { maxOutputLength: Math.max(1, rawLength) };
    if (codec === CODECS.none) raw = stored;
    else if (codec === CODECS.gzip) raw = zlib.gunzipSync(stored, limit);
    else if (codec !== CODECS.zstd) return `its codec ${codec} is not known`;
    else if (modern.zstdDecompressSync === undefined)
      return `it is packed with zstd, which Node.js ${process.version} cannot read`;
    else raw = modern.zstdDecompressSync(stored, limit);
  } catch (error) {
    return `it cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`;
  }
  return raw.length === rawLength ? raw : `it holds ${raw.length} bytes instead of ${rawLength}`;
}
