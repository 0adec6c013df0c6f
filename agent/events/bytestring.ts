/**
 * Text from the kernel, from rule files and from captures is kept as *byte strings*: JavaScript strings whose
 * code units are the bytes (0..255, what Buffer calls latin1). So comparison, prefix, glob and length mean what the
 * kernel and Falco mean, no byte is lost, and V8 keeps one byte a character. Only the edges (output, JSON,
 * protobuf, YAML in) convert, with these two functions.
 */
export type ByteString = string;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** True when every code unit is below 0x80: bytes and text are then the same. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Unicode text of a byte string; invalid UTF-8 becomes U+FFFD. */
export function bytesToText(bytes: ByteString): string {
  if (isAscii(bytes)) return bytes;
  const raw = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) raw[i] = bytes.charCodeAt(i);
  return decoder.decode(raw);
}

/** UTF-8 bytes of Unicode text, as a byte string. */
export function textToBytes(text: string): ByteString {
  if (isAscii(text)) return text;
  let bytes = '';
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}
