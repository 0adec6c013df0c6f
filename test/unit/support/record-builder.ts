import { KIND_STRUCT } from '../../../agent/decode/kinds.ts';
import * as layout from '../../../agent/decode/layout.gen.ts';
import type { CollectedKind } from '../../../agent/events/kinds.ts';

type StructName = keyof typeof layout.STRUCTS;

/**
 * Members by their names in layout.gen.ts. Numbers for integers, text (a byte string) for strings and byte arrays,
 * nested members for blocks. What is left out is zero; a string that is left out is absent.
 */
export interface Members {
  readonly [member: string]: number | bigint | string | Members | undefined;
}

/** A header that tells of an ordinary root process on the host, for tests that do not care. */
export const HEADER: Members = {
  abi: layout.abi.version,
  timeNs: 5_000_000_000n,
  sequence: 1,
  cpu: 1,
  lane: layout.eventLane.bulk,
  generation: 1,
  syscall: -1,
  tid: 100,
  pid: 100,
  tidStartNs: 1_000_000_000n,
  pidStartNs: 1_000_000_000n,
  ppid: 1,
  session: 100,
  ppidStartNs: 10_000_000n,
  vtid: 100,
  vpid: 100,
  pgid: 100,
  loginuid: 0xffff_ffff,
  cgroupId: 1,
  comm: 'victim',
};

/** One record of a kind, as the kernel programs would lay it out. */
export function buildRecord(kind: CollectedKind | 'task' | 'heartbeat', header: Members, body: Members = {}): Buffer {
  const struct: StructName =
    kind === 'task' ? 'eventTask' : kind === 'heartbeat' ? 'eventHeartbeat' : KIND_STRUCT[kind];
  const writer = new RecordWriter(layout.STRUCT_BYTES[struct]);
  writer.struct(struct, 0, { ...body, h: { ...HEADER, kind: layout.eventKind[kind], ...header } });
  return writer.finish();
}

/** Several records, back to back. */
export function buildBatch(...records: readonly Buffer[]): Buffer {
  return Buffer.concat(records);
}

class RecordWriter {
  #fixed: Buffer;
  readonly #tail: Buffer[] = [];
  #length: number;

  constructor(structBytes: number) {
    this.#fixed = Buffer.alloc(structBytes);
    this.#length = structBytes;
  }

  struct(name: StructName, base: number, members: Members): void {
    const shape: Record<string, readonly [number, string]> = layout.STRUCTS[name];
    for (const [member, value] of Object.entries(members)) {
      const place = shape[member];
      if (place === undefined)
        throw new Error(`${name} has no member ${member}; it has ${Object.keys(shape).join(' ')}`);
      if (value !== undefined) this.#member(base + place[0], place[1], value);
    }
  }

  finish(): Buffer {
    this.#fixed.writeUInt32LE(this.#length, layout.eventHeader.length);
    return Buffer.concat([this.#fixed, ...this.#tail]);
  }

  #member(at: number, type: string, value: number | bigint | string | Members): void {
    if (typeof value === 'object') this.struct(type as StructName, at, value);
    else if (type === 'vstr') this.#string(at, String(value));
    else if (typeof value === 'string') this.#bytes(at, type, value);
    else this.#integer(at, type, value);
  }

  #string(at: number, text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.#fixed.writeUInt16LE(this.#length, at + layout.vstr.offset);
    this.#fixed.writeUInt16LE(bytes.length, at + layout.vstr.length);
    this.#tail.push(bytes);
    this.#length += bytes.length;
  }

  #bytes(at: number, type: string, text: string): void {
    const width = Number(/\[(\d+)\]$/.exec(type)?.[1] ?? 0);
    if (text.length > width) throw new Error(`${type} has no room for ${text.length} bytes`);
    this.#fixed.write(text, at, 'latin1');
  }

  #integer(at: number, type: string, value: number | bigint): void {
    const bits = Number(type.slice(1));
    const wrapped = BigInt.asUintN(bits, BigInt(value));
    if (bits === 64) this.#fixed.writeBigUInt64LE(wrapped, at);
    else this.#fixed.writeUIntLE(Number(wrapped), at, bits / 8);
  }
}
