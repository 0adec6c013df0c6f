/** What operators and transformers need to know of Falco's types. Names are those of fields and event parameters. */
export type Family = 'number' | 'boolean' | 'text' | 'bytes' | 'address' | 'network' | 'other';

interface NumberShape {
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}

/** How a literal of each numeric type is read. */
const NUMBERS: ReadonlyMap<string, NumberShape> = new Map([
  ['INT8', { bits: 8, signed: true }],
  ['INT16', { bits: 16, signed: true }],
  ['INT32', { bits: 32, signed: true }],
  ['INT64', { bits: 64, signed: true }],
  ['FD', { bits: 64, signed: true }],
  ['PID', { bits: 64, signed: true }],
  ['ERRNO', { bits: 64, signed: true }],
  ['DOUBLE', { bits: 32, signed: true }],
  ['UINT8', { bits: 8, signed: false }],
  ['FLAGS8', { bits: 8, signed: false }],
  ['ENUMFLAGS8', { bits: 8, signed: false }],
  ['SIGTYPE', { bits: 8, signed: false }],
  ['UINT16', { bits: 16, signed: false }],
  ['FLAGS16', { bits: 16, signed: false }],
  ['ENUMFLAGS16', { bits: 16, signed: false }],
  ['SYSCALLID', { bits: 16, signed: false }],
  ['PORT', { bits: 16, signed: false }],
  ['UINT32', { bits: 32, signed: false }],
  ['FLAGS32', { bits: 32, signed: false }],
  ['ENUMFLAGS32', { bits: 32, signed: false }],
  ['MODE', { bits: 32, signed: false }],
  ['UINT64', { bits: 64, signed: false }],
  ['RELTIME', { bits: 64, signed: false }],
  ['ABSTIME', { bits: 64, signed: false }],
]);

const FAMILIES: ReadonlyMap<string, Family> = new Map<string, Family>([
  ...[...NUMBERS.keys()].map((type) => [type, 'number'] as const),
  ['BOOL', 'boolean'],
  ['CHARBUF', 'text'],
  ['FSPATH', 'text'],
  ['FSRELPATH', 'text'],
  ['BYTEBUF', 'bytes'],
  ['IPADDR', 'address'],
  ['IPNET', 'network'],
]);

export function familyOf(type: string): Family {
  return FAMILIES.get(type) ?? 'other';
}

export function numberShape(type: string): NumberShape | undefined {
  return NUMBERS.get(type);
}

/** Types that fields with many values may have. */
export const LIST_TYPES: ReadonlySet<string> = new Set([
  'CHARBUF',
  'UINT64',
  'RELTIME',
  'ABSTIME',
  'BOOL',
  'IPADDR',
  'IPNET',
]);
