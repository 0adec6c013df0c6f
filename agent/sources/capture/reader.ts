import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { abi } from '../../decode/layout.gen.ts';
import type { Gap } from '../../events/gap.ts';
import { AtalayaError } from '../../lib/errors.ts';
import { BLOCK_HEADER_BYTES, BlockType, decodeBlockHeader, decodeStored, MAGIC } from './block.ts';
import { type CaptureHeader, type Fact, layoutDigest } from './header.ts';
import { decodeJson } from './json.ts';

/** What a capture holds, in order; the header comes first. */
export type CaptureItem =
  | { readonly type: 'header'; readonly header: CaptureHeader }
  | { readonly type: 'tasks'; readonly buffer: Buffer }
  | { readonly type: 'events'; readonly buffer: Buffer; readonly wallOffsetNs: bigint }
  | { readonly type: 'facts'; readonly facts: readonly Fact[] }
  | { readonly type: 'gap'; readonly gap: Gap }
  /** The recorder ended it: nothing is missing behind. */
  | { readonly type: 'end' };

/** Whether a file begins as a capture of this format does. Throws what the system says when it cannot be read. */
export function isCapture(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    return readAt(file, 0, MAGIC.length).equals(MAGIC);
  } finally {
    closeSync(file);
  }
}

/**
 * Reads a capture block by block. What stands before damage is given, then E_CAPTURE is thrown, with the offset; the same
 * for a capture of another schema.
 */
export function* readCapture(path: string): Generator<CaptureItem, void, undefined> {
  const file = openCapture(path);
  try {
    yield* readBlocks(path, file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

function openCapture(path: string): number {
  try {
    const file = openSync(path, 'r');
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (cause) {
    throw new AtalayaError('E_CAPTURE_OPEN', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  throw new AtalayaError('E_CAPTURE_OPEN', `${path} is no regular file`);
}

function* readBlocks(path: string, file: number, size: number): Generator<CaptureItem, void, undefined> {
  const damage = (at: number, what: string): AtalayaError =>
    new AtalayaError('E_CAPTURE', `${path}: at byte ${at}: ${what}`);
  if (!readAt(file, 0, MAGIC.length).equals(MAGIC)) throw damage(0, `no capture; expected it to begin with ${MAGIC}`);
  let at = MAGIC.length;
  for (let first = true; at < size; first = false) {
    const head = readAt(file, at, BLOCK_HEADER_BYTES);
    if (head.length < BLOCK_HEADER_BYTES) throw damage(at, `the file ends within the head of a block`);
    const header = decodeBlockHeader(head);
    if (header === undefined) throw damage(at, 'expected the head of a block');
    const { storedLength, type } = header;
    const stored = readAt(file, at + BLOCK_HEADER_BYTES, storedLength);
    if (stored.length < storedLength) {
      throw damage(at, `the file ends within a block: it has ${stored.length} of ${storedLength} bytes`);
    }
    const raw = decodeStored(header, stored);
    if (typeof raw === 'string') throw damage(at, `the block is damaged: ${raw}`);
    if (first !== (type === BlockType.header))
      throw damage(at, 'expected the header in the first block, and only there');
    let item: CaptureItem | undefined;
    try {
      item = readItem(type, raw);
    } catch (cause) {
      throw damage(at, `the block is damaged: ${(cause as Error).message}`);
    }
    if (item?.type === 'header') assertReadable(path, item.header);
    if (item !== undefined) yield item;
    at += BLOCK_HEADER_BYTES + storedLength;
  }
  if (at === MAGIC.length) throw damage(at, 'the file ends before its header');
}

/** Undefined for a type that this version does not know: later ones may add some. */
function readItem(type: number, raw: Buffer): CaptureItem | undefined {
  switch (type) {
    case BlockType.header:
      return { type: 'header', header: decodeJson(raw) as CaptureHeader };
    case BlockType.tasks:
      return { type: 'tasks', buffer: raw };
    case BlockType.events:
      return { type: 'events', wallOffsetNs: raw.readBigInt64LE(0), buffer: raw.subarray(8) };
    case BlockType.facts:
      return { type: 'facts', facts: decodeJson(raw) as readonly Fact[] };
    case BlockType.gap:
      return { type: 'gap', gap: decodeJson(raw) as Gap };
    case BlockType.end:
      return { type: 'end' };
    default:
      return undefined;
  }
}

function assertReadable(path: string, header: CaptureHeader): void {
  if (header.abi === abi.version && header.layout === layoutDigest()) return;
  const theirs = `ABI ${header.abi}, layout ${String(header.layout).slice(0, 12)}, written by version ${header.version}`;
  const ours = `ABI ${abi.version}, layout ${layoutDigest().slice(0, 12)}`;
  throw new AtalayaError('E_CAPTURE', `${path}: its events have another schema (${theirs}); expected ${ours}`);
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(file, bytes, filled, length - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
