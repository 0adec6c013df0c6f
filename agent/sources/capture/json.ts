/** JSON that keeps 64-bit numbers: they are written as texts with a mark in front, and texts that begin with it have two. */
const MARK = '#';

export function encodeJson(value: unknown): Buffer {
  return Buffer.from(
    JSON.stringify(value, (_, member: unknown) => {
      if (typeof member === 'bigint') return MARK + member.toString();
      return typeof member === 'string' && member.startsWith(MARK) ? MARK + member : member;
    }),
  );
}

/** Throws SyntaxError where the bytes are no such JSON. */
export function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes), (_, member: unknown) => {
    if (typeof member !== 'string' || !member.startsWith(MARK)) return member;
    return member.startsWith(MARK + MARK) ? member.slice(1) : BigInt(member.slice(1));
  });
}
