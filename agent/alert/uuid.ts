/** What makes an event of one boot unlike any other: read again, from a capture, it gives the same alerts. */
export interface EventIdentity {
  readonly bootId: string;
  readonly cpu: number;
  readonly lane: string;
  readonly sequence: number;
  /** Boot clock. Sequences begin anew with each load of the programs; time does not. */
  readonly bootNs: bigint;
}

/** SHA-256 of a text's UTF-8 bytes. */
export type Sha256 = (text: string) => Uint8Array;

/** UUID, version 8, of the alert that a rule raises for an event. */
export function alertUuid(event: EventIdentity, rule: string, sha256: Sha256): string {
  const { bootId, cpu, lane, sequence, bootNs } = event;
  const bytes = sha256(JSON.stringify([bootId, cpu, lane, sequence, String(bootNs), rule])).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
