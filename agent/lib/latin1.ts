/** A Buffer's own slice to a latin1 string; not in the type declarations, three times as fast as toString. */
interface Latin1Source {
  latin1Slice(start: number, end: number): string;
}

/** Bytes start..end of a buffer as a byte string. Bounds are the caller's promise. */
export function latin1(buffer: Buffer, start: number, end: number): string {
  return (buffer as unknown as Latin1Source).latin1Slice(start, end);
}
