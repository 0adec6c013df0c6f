const SECOND = 1_000_000_000n;

/** HH:MM:SS of a time (ns since 1970), shifted by minutes ahead of UTC. */
export function clockText(timeNs: bigint, offsetMinutes: number): string {
  return shifted(timeNs, offsetMinutes).slice(11, 19);
}

/** YYYY-MM-DD HH:MM:SS of a time, shifted likewise. */
export function dateText(timeNs: bigint, offsetMinutes: number): string {
  const text = shifted(timeNs, offsetMinutes);
  return `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}

/** YYYY-MM-DDTHH:MM:SS.nnnnnnnnn+0000 */
export function isoText(timeNs: bigint): string {
  return `${shifted(timeNs, 0).slice(0, 19)}.${fractionText(timeNs)}+0000`;
}

/** The part below the second, nine digits. */
export function fractionText(timeNs: bigint): string {
  return String(timeNs % SECOND).padStart(9, '0');
}

export function wholeSeconds(timeNs: bigint): bigint {
  return timeNs / SECOND;
}

export function subSecond(timeNs: bigint): bigint {
  return timeNs % SECOND;
}

function shifted(timeNs: bigint, offsetMinutes: number): string {
  return new Date(Number(timeNs / SECOND) * 1000 + offsetMinutes * 60_000).toISOString();
}
