const SECOND_NS = 1_000_000_000n;

/** A time (ns since 1970) as YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ. Any 64-bit value has one. */
export function isoTime(timeNs: bigint): string {
  const belowSecond = ((timeNs % SECOND_NS) + SECOND_NS) % SECOND_NS;
  const seconds = (timeNs - belowSecond) / SECOND_NS;
  const date = new Date(Number(seconds) * 1000).toISOString();
  return `${date.slice(0, -5)}.${belowSecond.toString().padStart(9, '0')}Z`;
}
