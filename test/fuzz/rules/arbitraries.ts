import fc from 'fast-check';
import { bytesToText } from '../../../agent/events/bytestring.ts';
import { EVENT_TYPES } from '../../../agent/events/event-types.ts';
import { EVENT_KINDS, type EventKind } from '../../../agent/events/kinds.ts';
import { createMaskSlot, type MaskSlot } from '../../../agent/events/mask.ts';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import {
  type FieldCatalogue,
  type FieldDef,
  type FieldResult,
  type FieldScalar,
  PENDING,
} from '../../../agent/fields/field.ts';
import { addressText } from '../../../agent/lib/address.ts';
import { familyOf } from '../../../agent/rules/types.ts';

/** An event made of values, of a process that may be the same as another event's. */
export interface FuzzContext {
  readonly event: { readonly kind: EventKind; readonly type: string };
  readonly process?: { readonly mask: MaskSlot } | undefined;
  readonly values: ReadonlyMap<string, FieldResult>;
}

/** The agent's fields, reading from a FuzzContext. */
export const fuzzCatalogue: FieldCatalogue<FuzzContext> = (() => {
  const fields = catalogue.all().map(
    ({ get: _get, ...def }): FieldDef<FuzzContext> => ({
      ...def,
      get: (context, argument) => context.values.get(keyOf(def.name, argument)),
    }),
  );
  const byName = new Map(fields.map((field) => [field.name, field]));
  return { find: (name) => byName.get(name), all: () => fields };
})();

function keyOf(name: string, argument: string | number | undefined): string {
  return argument === undefined ? name : `${name}[${argument}]`;
}

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);

const TEXTS = [
  'bash',
  'sh',
  'sshd',
  'BASH',
  'b',
  '',
  'a b',
  '/bin/bash',
  '/etc/shadow',
  '/etc/ssh/x',
  '/etc',
  '/',
  'etc//ssh',
  '<NA>',
  'SUCCESS',
  'O_RDWR|O_CREAT',
  'YQ==',
  '\xe4',
  'a\\b',
  'x"y',
  '10',
];
const NUMBERS: readonly (number | bigint)[] = [
  -4095,
  -115,
  -13,
  -1,
  0,
  1,
  2,
  22,
  443,
  4096,
  65535,
  4294967295,
  1700000000123456789n,
  18446744073709551615n,
];
const PORTS = [0, 22, 443, 4096, 65535];
const ADDRESSES = [
  '\x0a\0\0\x01',
  '\x0a\0\0\x02',
  '\xc0\xa8\x01\x01',
  `${'\0'.repeat(15)}\x01`,
  `\xfe\x80${'\0'.repeat(13)}\x05`,
];
const NETWORKS = ['10.0.0.0/8', '10.0.0.2/32', '0.0.0.0/0', '192.168.0.0/16', '::1/128', 'fe80::/10'];
const PATTERNS = ['b*', '*sh', '/etc/*', '[ab]*', '?a*', '*', '', '[!b]ash', 'B*', '/*/*'];
const REGEXES = ['/etc/[a-z/]+', 'b(a|c)s?h', '.*sh', '[^/]*', '', '(a|b)*{2}', '[[:alpha:]]+'];
const HEX = ['', '61', '6261', 'E4', '00'];

/** Fields by what an outcome on them depends on; those of an event are made by `event`. */
export const PROCESS_FIELDS = [
  'proc.name',
  'proc.pname',
  'proc.exepath',
  'container.id',
  'user.name',
  'proc.env[PATH]',
  'evt.hostname',
  'proc.aname[1]',
  'proc.pid',
  'user.uid',
  'proc.is_exe_writable',
  'proc.aname',
  'proc.apid',
] as const;
/** Fields of an event that say nothing of what a plan filters by. */
export const FREE_FIELDS = [
  'evt.buffer',
  'evt.rawtime',
  'evt.num',
  'thread.tid',
  'thread.cpu',
  'evt.cpu',
  'evt.is_io',
  'fd.types',
  'evt.args',
  'evt.arg[mode]',
  'evt.rawarg[mode]',
] as const;
const EVENT_FIELDS = [
  'fd.name',
  'fs.path.name',
  'fd.directory',
  'evt.rawres',
  'evt.res',
  'evt.failed',
  'evt.is_open_write',
  'evt.arg[flags]',
  'fd.num',
  'fd.sport',
  'fd.cport',
  'fd.port',
  'fd.cip',
  'fd.sip',
  'fd.ip',
  'fd.cnet',
  'fd.snet',
  'fd.net',
] as const;

/** How a field is written in a condition: what a dot takes stands in brackets in its key. */
function written(field: string): string {
  return field.replace(/^(evt\.(?:raw)?arg)\[(\w+)\]$/, '$1.$2');
}

/** A field's definition, and its type: that of a parameter where the field takes its type from there. */
function describe(field: string): {
  readonly def: FieldDef<FuzzContext>;
  readonly type: string;
  readonly plain: boolean;
} {
  const [, name = field, argument] = /^([^[]*)(?:\[(.*)\])?$/.exec(field) ?? [];
  const def = fuzzCatalogue.find(name);
  if (def === undefined) throw new Error(`no field ${field}`);
  const type = def.type === 'DYN' ? (def.argument?.keys?.get(argument ?? '') ?? 'CHARBUF') : def.type;
  return { def, type, plain: argument === undefined };
}

const quote = (text: string): string => `"${bytesToText(text).replace(/[\\"]/g, '\\$&')}"`;

/** Literals for a type, as they are written. */
function literals(type: string): fc.Arbitrary<string> {
  switch (familyOf(type)) {
    case 'number':
      return type === 'PORT' ? oneOf([...PORTS.map(String), 'http', 'ssh']) : oneOf(NUMBERS.map(String));
    case 'boolean':
      return oneOf(['true', 'false']);
    case 'address':
      return oneOf(ADDRESSES.map(addressText));
    case 'network':
      return oneOf(NETWORKS);
    default:
      return oneOf(TEXTS.map(quote));
  }
}

const EQUALITY = ['=', '==', '!='];
const ORDER = ['<', '<=', '>', '>='];
const SEARCH = ['contains', 'startswith', 'endswith'];

/** Operators that take one value of a type, with the literals that they take. */
function singles(type: string): readonly (readonly [operator: string, literal: fc.Arbitrary<string>])[] {
  const plain = literals(type);
  const of = (operators: readonly string[], literal: fc.Arbitrary<string>) =>
    operators.map((operator) => [operator, literal] as const);
  switch (familyOf(type)) {
    case 'number':
      return of(
        [...EQUALITY, ...ORDER],
        plain.filter((text) => !/^[a-z]/.test(text)),
      );
    case 'text':
      return [
        ...of([...EQUALITY, ...SEARCH, 'icontains'], plain),
        ...of(ORDER, oneOf(['10', '5', '-1'])),
        ...of(['glob', 'iglob'], oneOf(PATTERNS.map(quote))),
        ...of(['regex'], oneOf(REGEXES.map(quote))),
      ];
    case 'bytes':
      return [...of([...EQUALITY, ...SEARCH], plain), ...of(['bcontains', 'bstartswith'], oneOf(HEX.map(quote)))];
    default:
      return of(EQUALITY, plain);
  }
}

const listOf = (items: fc.Arbitrary<string>) =>
  fc.array(items, { maxLength: 8 }).map((values) => `(${values.join(', ')})`);

/** Every comparison of a value of a type with constants. */
function comparisons(left: string, type: string, list: boolean): readonly fc.Arbitrary<string>[] {
  const sets = ['in', 'intersects', ...(familyOf(type) === 'text' && !list ? ['pmatch'] : [])];
  const inList = fc.tuple(oneOf(sets), listOf(literals(type))).map((parts) => `${left} ${parts.join(' ')}`);
  if (list) return [inList];
  const forms = singles(type);
  const modified = forms.filter(([operator]) => !ORDER.includes(operator));
  return [
    inList,
    oneOf(forms).chain(([operator, literal]) => literal.map((text) => `${left} ${operator} ${text}`)),
    fc
      .tuple(oneOf(modified), oneOf(['oneof', 'anyof', 'allof']))
      .chain(([[operator, literal], modifier]) =>
        listOf(literal).map((text) => `${left} ${operator} ${modifier} ${text}`),
      ),
  ];
}

const ALL_FIELDS: readonly string[] = [...PROCESS_FIELDS, ...FREE_FIELDS, ...EVENT_FIELDS];
const TEXT_FIELDS = ALL_FIELDS.filter((field) => {
  const { def, type, plain } = describe(field);
  return (
    type === 'CHARBUF' && def.list !== true && def.noTransformer !== true && (def.candidates === undefined || !plain)
  );
});
const text = oneOf(TEXT_FIELDS.map(written));

/** Calls that give a text, nested up to twice. */
const textCall: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(oneOf(['tolower', 'toupper', 'basename', 'b64']), text).map(([name, field]) => `${name}(${field})`),
  fc.tuple(text, text).map(([a, b]) => `concat(${a}, "/", tolower(${b}))`),
  fc.tuple(text, oneOf(['proc.pid', '5', 'evt.failed', 'fd.cip'])).map(([a, b]) => `join(",", (${a}, ${b}))`),
  text.map((field) => `join("+", getopt((${field}, "-x"), "xb:"))`),
  text.map((field) => `getopt((${field}, "-b", ${field}), "b:")[b]`),
);

const fieldToField: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(text, oneOf([...EQUALITY, ...ORDER, ...SEARCH, 'icontains', 'glob', 'iglob', 'in', 'intersects']), text)
    .map(([left, operator, right]) => `${left} ${operator} val(${right})`),
  fc.tuple(text, oneOf(EQUALITY), textCall).map((parts) => parts.join(' ')),
  fc.tuple(oneOf([...EQUALITY, ...ORDER])).map(([operator]) => `evt.rawres ${operator} val(fd.num)`),
  fc.tuple(oneOf(EQUALITY)).map(([operator]) => `fd.cip ${operator} val(fd.sip)`),
  fc.tuple(oneOf(ORDER), text, text).map(([operator, a, b]) => `len(${a}) ${operator} len(${b})`),
);

const types = oneOf([
  'evt.type = openat',
  'evt.type != openat',
  'evt.type in (open, openat, creat)',
  'evt.type in (execve, connect)',
  'evt.type exists',
  'evt.type contains open',
  'syscall.type = setuid',
  'evt.num = 0',
  'evt.num > 0',
]);

const fieldAtom: fc.Arbitrary<string> = oneOf(ALL_FIELDS).chain((field) => {
  const { def, type } = describe(field);
  const left = written(field);
  return fc.oneof(...comparisons(left, type, def.list === true), fc.constant(`${left} exists`));
});

const atom: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fieldAtom },
  { weight: 2, arbitrary: types },
  { weight: 1, arbitrary: fieldToField },
  { weight: 1, arbitrary: textCall.chain((call) => fc.oneof(...comparisons(call, 'CHARBUF', false))) },
  { weight: 1, arbitrary: text.chain((field) => fc.oneof(...comparisons(`len(${field})`, 'UINT64', false))) },
  { weight: 1, arbitrary: fc.oneof(...comparisons('tolower(fd.types)', 'CHARBUF', true)) },
);

/** Text of a condition over those fields. */
export const condition: fc.Arbitrary<string> = fc.letrec<{ expr: string }>((tie) => ({
  expr: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'condition' },
    { weight: 3, arbitrary: atom },
    { weight: 1, arbitrary: tie('expr').map((inner) => `not (${inner})`) },
    {
      weight: 2,
      arbitrary: fc.array(tie('expr'), { minLength: 2, maxLength: 4 }).map((parts) => `(${parts.join(' and ')})`),
    },
    {
      weight: 2,
      arbitrary: fc.array(tie('expr'), { minLength: 2, maxLength: 4 }).map((parts) => `(${parts.join(' or ')})`),
    },
  ),
})).expr;

export type Values = readonly (readonly [string, FieldResult])[];

/** A present value of a type. */
function scalars(type: string): fc.Arbitrary<FieldScalar> {
  switch (familyOf(type)) {
    case 'number':
      return type === 'PORT' ? oneOf(PORTS) : type === 'DOUBLE' ? oneOf([0, 1.5, 22]) : oneOf(NUMBERS);
    case 'boolean':
      return fc.boolean();
    case 'address':
    case 'network':
      return oneOf(ADDRESSES);
    default:
      return oneOf(TEXTS);
  }
}

const sometimes = (value: fc.Arbitrary<FieldResult>): fc.Arbitrary<FieldResult> =>
  fc.oneof(
    { weight: 8, arbitrary: value },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(PENDING) },
  );

/** What a field gives: of ancestors and lists several values, of everything else one; sometimes nothing. */
function results(field: string): fc.Arbitrary<FieldResult> {
  const { def, type, plain } = describe(field);
  // Events count from 1, which plans rely on.
  if (field === 'evt.num') return oneOf([1, 2, 22, 4096]);
  const many = def.list === true || (def.candidates !== undefined && plain);
  return sometimes(many ? fc.array(scalars(type), { maxLength: 3 }) : scalars(type));
}

const valuesOf = (fields: readonly string[]): fc.Arbitrary<Values> =>
  fc
    .tuple(...fields.map(results))
    .map((values) => fields.map((field, place): readonly [string, FieldResult] => [field, values[place]]));

/** Values that depend on the process alone. */
export const processValues: fc.Arbitrary<Values> = valuesOf(PROCESS_FIELDS);

/** One event: its kind and what the kernel would see of it, and the fields that show that. */
export interface FuzzEvent {
  readonly kind: EventKind;
  readonly type: string;
  readonly result: number;
  readonly openFlags: number;
  readonly path: string;
  readonly ports: readonly number[];
  readonly addresses: readonly string[];
  readonly values: Values;
}

export const event: fc.Arbitrary<FuzzEvent> = fc
  .record({
    kind: oneOf(EVENT_KINDS),
    typeIndex: fc.nat(),
    result: oneOf([-115, -13, -2, -1, 0, 3, 100]),
    openFlags: oneOf([0, 1, 2, 0x40, 0x41, 0x242, 0x400]),
    path: oneOf(['/etc/shadow', '/etc/ssh/x', '/bin/bash', '/', 'relative', '/etc//passwd', '/var/log/a.log', '']),
    ends: fc.array(fc.tuple(oneOf(ADDRESSES), oneOf(PORTS)), { maxLength: 2 }),
    free: valuesOf(FREE_FIELDS),
  })
  .map(({ kind, typeIndex, free, ends, ...rest }) => {
    const names: readonly string[] = EVENT_TYPES[kind];
    const type = names[typeIndex % names.length] ?? kind;
    const seen = {
      ...rest,
      kind,
      type,
      ports: ends.map(([, port]) => port),
      addresses: ends.map(([address]) => address),
    };
    return { ...seen, values: [...free, ...fieldValues(seen)] };
  });

const ERRORS: ReadonlyMap<number, string> = new Map([
  [-115, 'EINPROGRESS'],
  [-13, 'EACCES'],
  [-2, 'ENOENT'],
  [-1, 'EPERM'],
]);

function fieldValues({ kind, type, result, openFlags, path, ports, addresses }: Omit<FuzzEvent, 'values'>): Values {
  const failed = result < 0;
  const slash = path.lastIndexOf('/');
  const names = [
    ...((openFlags & 3) !== 0 ? ['O_RDWR'] : ['O_RDONLY']),
    ...((openFlags & 0x40) !== 0 ? ['O_CREAT'] : []),
    ...((openFlags & 0x200) !== 0 ? ['O_TRUNC'] : []),
    ...((openFlags & 0x400) !== 0 ? ['O_APPEND'] : []),
  ];
  const [client, server] = addresses;
  return [
    ['evt.type', type],
    ['syscall.type', type],
    ['evt.failed', failed],
    ['evt.rawres', result],
    ['evt.res', failed ? ERRORS.get(result) : 'SUCCESS'],
    ['fd.num', failed && kind === 'open' ? -1 : Math.abs(result)],
    ['fd.name', path],
    ['fs.path.name', failed ? undefined : path],
    ['fd.directory', slash <= 0 ? '/' : path.slice(0, slash)],
    ['evt.is_open_write', kind === 'open' && (openFlags & 3) !== 0],
    ['evt.arg[flags]', kind === 'open' ? names.join('|') : undefined],
    ['fd.port', ports.length === 0 ? undefined : ports],
    ['fd.cport', ports[0]],
    ['fd.sport', ports[1]],
    ['fd.ip', addresses.length === 0 ? undefined : addresses],
    ['fd.net', addresses.length === 0 ? undefined : addresses],
    ['fd.cip', client],
    ['fd.cnet', client],
    ['fd.sip', server],
    ['fd.snet', server],
  ];
}

/** A process as the pipeline keeps it. */
export function fuzzProcess(): { readonly mask: MaskSlot } {
  return { mask: createMaskSlot() };
}
