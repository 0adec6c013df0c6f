import { STRUCTS } from '../../../agent/decode/layout.gen.ts';

export type StructName = keyof typeof STRUCTS;

/** Numbers as bigints, strings and byte arrays as bytes, null for a string that is absent. */
export type MemberValue = bigint | Buffer | null;

/** Value of a member by its path ('h.result', 'file.path'), read by nothing but the generated layout. */
export function readMember(record: Buffer, struct: StructName, path: string): MemberValue {
  const place = placeOf(struct, path);
  if (place === undefined) throw new Error(`${struct} has no member ${path}`);
  return readValue(record, place.at, place.type);
}

/** Bytes that an array member has room for; 0 for other members. */
export function arrayBytes(struct: StructName, path: string): number {
  return Number(/\[(\d+)\]$/.exec(placeOf(struct, path)?.type ?? '')?.[1] ?? 0);
}

function placeOf(struct: StructName, path: string): { at: number; type: string } | undefined {
  let at = 0;
  let type: string = struct;
  for (const name of path.split('.')) {
    const shape: Record<string, readonly [number, string]> | undefined = STRUCTS[type as StructName];
    const member = shape?.[name];
    if (member === undefined) return undefined;
    at += member[0];
    type = member[1];
  }
  return { at, type };
}

function readValue(record: Buffer, at: number, type: string): MemberValue {
  const width = /^u8\[(\d+)\]$/.exec(type);
  if (width !== null) return record.subarray(at, at + Number(width[1]));
  switch (type) {
    case 'vstr': {
      const offset = record.readUInt16LE(at);
      return offset === 0 ? null : record.subarray(offset, offset + record.readUInt16LE(at + 2));
    }
    case 'u8':
      return BigInt(record.readUInt8(at));
    case 'u16':
      return BigInt(record.readUInt16LE(at));
    case 'u32':
      return BigInt(record.readUInt32LE(at));
    case 's32':
      return BigInt(record.readInt32LE(at));
    case 'u64':
      return record.readBigUInt64LE(at);
    case 's64':
      return record.readBigInt64LE(at);
    default:
      throw new Error(`a member of type ${type} is not a value`);
  }
}
