import { InvalidArgumentError } from 'commander';

const NS_PER_MS = 1_000_000n;
const LAST_NS = 2n ** 63n - 1n;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DATE_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** What `parseSince` reads, for messages and help. */
export const SINCE_FORMS = 'a time such as 2026-01-31T08:00:00Z, how long ago (30s, 15m, 2h, 7d), or all';

/**
 * A point in time as ns since 1970: a date (UTC) or a date with time (local, unless it ends in Z or an offset), how long
 * before `nowMs`, or `all` for the beginning. Undefined when it is none of these.
 */
export function parseSince(text: string, nowMs: number): bigint | undefined {
  if (text === 'all') return 0n;
  const [, amount, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) {
    return toNs(nowMs - Number(amount) * (UNIT_MS[unit] ?? 0));
  }
  if (!DATE_TIME.test(text)) return undefined;
  const timeMs = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(timeMs) ? undefined : toNs(timeMs);
}

/** Nothing is older than 1970, and times end where 64 bits do. */
function toNs(timeMs: number): bigint {
  const ns = BigInt(Math.max(0, Math.floor(timeMs))) * NS_PER_MS;
  return ns > LAST_NS ? LAST_NS : ns;
}

/** Reads the value of a flag. */
export function readSince(text: string): bigint {
  const sinceNs = parseSince(text, Date.now());
  if (sinceNs === undefined) throw new InvalidArgumentError(`Expected ${SINCE_FORMS}.`);
  return sinceNs;
}
