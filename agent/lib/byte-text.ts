/** Printable ASCII stays, every other byte becomes a dot: how byte buffers are shown. */
export function printable(bytes: string): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes.charCodeAt(i);
    text += code >= 0x20 && code < 0x7f ? bytes.charAt(i) : '.';
  }
  return text;
}
