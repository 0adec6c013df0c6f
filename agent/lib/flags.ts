/** A name of a flag table, and its bits. */
export type FlagName = readonly [name: string, bits: number];

/**
 * Names of the entries whose bits are set in `value`, in table order, joined by `|`; '' for none. An entry takes its
 * bits, so a combination that has a name of its own (listed first) hides its parts. An entry without bits names 0.
 */
export function flagNames(table: readonly FlagName[], value: number): string {
  let rest = value;
  let text = '';
  for (const [name, bits] of table) {
    // Bit 31 makes & negative on both sides, so the equality still holds.
    if (bits === 0 ? value !== 0 : (rest & bits) !== (bits | 0)) continue;
    text = text === '' ? name : `${text}|${name}`;
    rest &= ~bits;
  }
  return text;
}

/** Names of all entries that are exactly `value`, joined by `|`; '' for none. */
export function enumNames(table: readonly FlagName[], value: number): string {
  let text = '';
  for (const [name, number] of table) {
    if (number === value) text = text === '' ? name : `${text}|${name}`;
  }
  return text;
}

/** Translates bits from one numbering to another. */
export function mapBits(pairs: readonly (readonly [from: number, to: number])[], value: number): number {
  let mapped = 0;
  for (const [from, to] of pairs) if ((value & from) === (from | 0)) mapped |= to;
  return mapped >>> 0;
}
