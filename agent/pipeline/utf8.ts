export type Decoded =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly message: string;
      readonly expected: string;
      readonly place: { readonly line: number; readonly column: number };
    };

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of UTF-8 bytes without a byte order mark; else the line and column of the first byte that is none. */
export function decodeUtf8(bytes: Uint8Array): Decoded {
  const other = otherEncoding(bytes);
  if (other !== undefined) return refused(`is ${other}`, { line: 1, column: 1 });
  const body = startsWith(bytes, [0xef, 0xbb, 0xbf]) ? bytes.subarray(3) : bytes;
  try {
    return { ok: true, text: strict.decode(body) };
  } catch {
    const { place, byte } = firstFault(body);
    return refused(`is no UTF-8: byte 0x${byte.toString(16)}`, place);
  }
}

function refused(message: string, place: { readonly line: number; readonly column: number }): Decoded {
  return { ok: false, message, expected: 'UTF-8', place };
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

/** An encoding that its byte order mark tells. */
function otherEncoding(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, [0xff, 0xfe, 0, 0]) || startsWith(bytes, [0, 0, 0xfe, 0xff])) return 'UTF-32';
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff])) return 'UTF-16';
  return undefined;
}

/** Halves the longest prefix that decodes but for a character that it cuts. */
function firstFault(bytes: Uint8Array): { readonly place: { line: number; column: number }; readonly byte: number } {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  // The character that the fault breaks may have begun up to three bytes before it.
  let start = bad - 1;
  while (start > 0 && !decodes(bytes.subarray(0, start), false)) start--;
  const lines = lenient.decode(bytes.subarray(0, start)).split('\n');
  return { place: { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }, byte: bytes[start] ?? 0 };
}

function decodes(bytes: Uint8Array, mayBeCut: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: mayBeCut });
    return true;
  } catch {
    return false;
  }
}
