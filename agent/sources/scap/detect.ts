import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { SECTION_HEADER } from './block-types.ts';

const HEAD_BYTES = 4096;

/** Whether a file begins as a capture of this format does, plain or compressed. Throws what the file system throws. */
export function isScapFile(path: string): boolean {
  const head = readHead(path);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const plain = isGzip ? unpack(head) : head;
  // Damaged before the first block: the reader says where.
  if (plain === undefined) return true;
  return plain.length >= 4 && plain.readUInt32LE(0) === SECTION_HEADER;
}

function readHead(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/** What the beginning of a gzip stream unpacks to; undefined where it is damaged. */
function unpack(head: Buffer): Buffer | undefined {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}
