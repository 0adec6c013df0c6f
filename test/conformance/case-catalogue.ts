import { textToBytes } from '../../agent/events/bytestring.ts';
import type { EventKind } from '../../agent/events/kinds.ts';
import { catalogue } from '../../agent/fields/catalogue.ts';
import type { FieldCatalogue, FieldDef, FieldResult, FieldScalar } from '../../agent/fields/field.ts';
import { parseIpv4, parseIpv6 } from '../../agent/rules/addresses.ts';
import { BadCase, isRecord, listField, onlyKeys } from './outcome.ts';

/** An event made of field values: what a case says of them, and nothing else. */
export interface CaseContext {
  readonly event: { readonly kind: EventKind; readonly type: string };
  readonly values: ReadonlyMap<string, FieldResult>;
}

/** The agent's own fields, with their types and flags, that take their values from a case. */
export const caseCatalogue: FieldCatalogue<CaseContext> = (() => {
  const fields = catalogue.all().map(
    ({ get: _get, ...def }): FieldDef<CaseContext> => ({
      ...def,
      get: (context, argument) => context.values.get(fieldKey(def.name, argument)),
    }),
  );
  const byName = new Map(fields.map((field) => [field.name, field]));
  return { find: (name) => byName.get(name), all: () => fields };
})();

/** How a field with its argument is written, also after a dot. */
export function fieldKey(name: string, argument: string | number | undefined): string {
  if (argument === undefined) return name;
  const dotted = catalogue.find(name)?.argument?.dotted === true && typeof argument === 'string';
  return dotted ? `${name}.${argument}` : `${name}[${argument}]`;
}

export function caseContext(values: Iterable<readonly [string, FieldResult]>): CaseContext {
  return { event: { kind: 'open', type: 'open' }, values: new Map(values) };
}

/** A context given as field text -> {type, list, value}, or -> value where the field tells the type. */
export function readContext(context: Record<string, unknown>): CaseContext {
  return caseContext(
    Object.entries(context).map(([field, given]) => {
      const typed = isRecord(given) && 'type' in given;
      const type = typed ? String(given.type) : (typeOf(field) ?? 'CHARBUF');
      return [field, toValue(typed ? given.value : given, type)] as const;
    }),
  );
}

function typeOf(field: string): string | undefined {
  return catalogue.find(field.replace(/\[.*$/, ''))?.type;
}

/** A JSON value as fields give it: text as bytes, addresses raw, null as absent. */
export function toValue(value: unknown, type: string): FieldResult {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((element) => toValue(element, type) as FieldScalar);
  if (typeof value !== 'string') return value as FieldScalar;
  if (type === 'IPADDR' || type === 'IPNET') return parseIpv4(value) ?? parseIpv6(value);
  return textToBytes(value);
}

/**
 * A connected socket with its two ends, which every network field reads. No case says which addresses this machine has,
 * so the client's is none of them, and the local end is the server's.
 */
export function socketContext(socket: Record<string, unknown>): CaseContext {
  onlyKeys(socket, ['client', 'server'], 'socket');
  const [clientAddress, clientPort] = readEnd(socket, 'client');
  const [serverAddress, serverPort] = readEnd(socket, 'server');
  const addresses = [clientAddress, serverAddress];
  const ports = [clientPort, serverPort];
  return caseContext([
    ['fd.ip', addresses],
    ['fd.net', addresses],
    ['fd.port', ports],
    ['fd.proto', ports],
    ...endFields('c', clientAddress, clientPort),
    ...endFields('r', clientAddress, clientPort),
    ...endFields('s', serverAddress, serverPort),
    ...endFields('l', serverAddress, serverPort),
  ]);
}

function endFields(end: string, address: string, port: number): readonly (readonly [string, FieldResult])[] {
  return [
    [`fd.${end}ip`, address],
    [`fd.${end}net`, address],
    [`fd.${end}port`, port],
  ];
}

function readEnd(socket: Record<string, unknown>, end: string): readonly [address: string, port: number] {
  const [text, port] = listField(socket, end);
  const address = toValue(text, 'IPADDR');
  if (typeof address !== 'string' || typeof port !== 'number') throw new BadCase(`${end} is no address with a port`);
  return [address, port];
}

/** A process and its ancestors, own process first, each as field -> value or as its name alone. */
export function chainContext(chain: readonly unknown[]): CaseContext {
  const processes = chain.map((process): Record<string, unknown> => {
    return isRecord(process) ? process : { 'proc.name': process };
  });
  const [own = {}, ...ancestors] = processes;
  const values: [string, FieldResult][] = Object.entries(own).map(([field, value]) => [
    field,
    toValue(value, 'CHARBUF'),
  ]);
  for (const [field, plain] of [
    ['proc.aname', 'proc.name'],
    ['proc.apid', 'proc.pid'],
    ['proc.aexe', 'proc.exe'],
    ['proc.aexepath', 'proc.exepath'],
    ['proc.acmdline', 'proc.cmdline'],
  ] as const) {
    const known = ancestors.flatMap((process) => toValue(process[plain], 'CHARBUF') ?? []) as readonly FieldScalar[];
    values.push([field, known.length === 0 ? undefined : known]);
    processes.forEach((process, level) => {
      values.push([`${field}[${level}]`, toValue(process[plain], 'CHARBUF')]);
    });
  }
  const [parent] = ancestors;
  values.push(['proc.pname', toValue(parent?.['proc.name'], 'CHARBUF')]);
  return caseContext(values);
}
