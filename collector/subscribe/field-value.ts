import type { FieldJson } from '../../agent/events/alert.ts';
import { textToBytes } from '../../agent/events/bytestring.ts';
import type { FieldDef, FieldScalar, FieldType, FieldValue } from '../../agent/fields/field.ts';
import { parseIpv4, parseIpv6 } from '../../agent/rules/addresses.ts';

type Described = Pick<FieldDef, 'type' | 'format' | 'list'>;

const TEXT: ReadonlySet<FieldType> = new Set(['CHARBUF', 'BYTEBUF', 'FSPATH']);
const ADDRESS: ReadonlySet<FieldType> = new Set(['IPADDR', 'IPNET']);

/**
 * A value as it stands in an alert (Unicode text, printed addresses and padded numbers), as comparisons want it (byte
 * strings, raw addresses, numbers). Undefined where the text is not what the type prints.
 */
export function toFieldValue(value: FieldJson, field: Described): FieldValue | undefined {
  if (!Array.isArray(value)) return toScalar(value as Exclude<FieldJson, readonly FieldJson[]>, field);
  const elements = (value as readonly FieldJson[]).map((element) =>
    Array.isArray(element) ? undefined : toScalar(element as Exclude<FieldJson, readonly FieldJson[]>, field),
  );
  return elements.filter((element) => element !== undefined);
}

type JsonScalar = string | number | bigint | boolean | null;

function toScalar(value: JsonScalar, field: Described): FieldScalar | undefined {
  if (value === null) return undefined;
  if (TEXT.has(field.type)) return typeof value === 'string' ? textToBytes(value) : String(value);
  if (ADDRESS.has(field.type)) return typeof value === 'string' ? toAddress(value) : undefined;
  if (typeof value !== 'string') return value;
  return field.type === 'DYN' ? textToBytes(value) : toNumber(value, field.format);
}

function toAddress(text: string): string | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

const DIGITS = { hex: /^[0-9A-Fa-f]{1,16}$/, oct: /^[0-7]{1,22}$/, dec: /^-?\d{1,19}$/ } as const;

function toNumber(text: string, format: FieldDef['format']): number | bigint | undefined {
  const base = format === 'hex' || format === 'oct' ? format : 'dec';
  if (!DIGITS[base].test(text)) return undefined;
  const whole = BigInt(base === 'hex' ? `0x${text}` : base === 'oct' ? `0o${text}` : text);
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : whole;
}
