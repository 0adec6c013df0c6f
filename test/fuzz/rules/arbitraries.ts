import fc from 'fast-check';
import { EVENT_TYPES } from '../../../agent/events/event-types.ts';
import { EVENT_KINDS, type EventKind } from '../../../agent/events/kinds.ts';
import { createMaskSlot, type MaskSlot } from '../../../agent/events/mask.ts';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { type FieldCatalogue, type FieldDef, type FieldResult, PENDING } from '../../../agent/fields/field.ts';

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
      get: (context, argument) => context.values.get(argument === undefined ? def.name : `${def.name}[${argument}]`),
    }),
  );
  const byName = new Map(fields.map((field) => [field.name, field]));
  return { find: (name) => byName.get(name), all: () => fields };
})();

const WORDS = ['bash', 'sh', 'sshd', 'BASH', 'ba', 'a', '""', '"a b"', '/bin/bash', '/etc/shadow', '/etc', '<NA>'];
const TEXTS = [
  'bash',
  'sh',
  'sshd',
  'BASH',
  '',
  'a b',
  '/bin/bash',
  '/etc/shadow',
  '/etc/ssh/x',
  'SUCCESS',
  'O_RDWR|O_CREAT',
];
const NUMBERS = [-115, -13, -1, 0, 1, 2, 22, 443, 4096, 4294967295];
const PATTERNS = ['b*', '*sh', '/etc/*', '[ab]*', '?a*', "'/etc/[a-z]+.*'", 'bash'];

const textFields = ['proc.name', 'proc.pname', 'proc.exepath', 'container.id', 'user.name', 'evt.hostname', 'evt.res'];
const pathFields = ['fd.name', 'fs.path.name', 'fd.directory'];
const numberFields = ['proc.pid', 'user.uid', 'evt.rawres', 'fd.num', 'thread.tid', 'fd.sport'];
const booleanFields = ['evt.failed', 'evt.is_open_write', 'proc.is_exe_writable'];
const candidateFields = ['proc.aname', 'fd.port', 'proc.apid'];

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const list = (items: readonly string[]) =>
  fc.array(oneOf(items), { maxLength: 8 }).map((values) => `(${values.join(', ')})`);
const numberTexts = NUMBERS.map(String);
const text = oneOf([...textFields, ...pathFields, 'proc.env[PATH]', 'evt.arg.flags']);

const atom: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(text, oneOf(['=', '!=', 'contains', 'icontains', 'startswith', 'endswith']), oneOf(WORDS))
    .map((p) => p.join(' ')),
  fc.tuple(text, oneOf(['glob', 'iglob']), oneOf(PATTERNS)).map((p) => p.join(' ')),
  fc
    .tuple(text, oneOf(["'/etc/[a-z/]+'", "'b(a|c)s?h'", "'.*sh'", "'[^/]*'"]))
    .map(([field, p]) => `${field} regex ${p}`),
  fc.tuple(text, oneOf(['in', 'intersects', 'pmatch']), list(WORDS)).map((p) => p.join(' ')),
  fc
    .tuple(text, oneOf(['= anyof', '!= allof', 'contains oneof', 'startswith anyof']), list(WORDS))
    .map((p) => p.join(' ')),
  fc
    .tuple(oneOf(numberFields), oneOf(['=', '!=', '<', '<=', '>', '>=']), oneOf(numberTexts))
    .map(([field, operator, number]) => {
      return `${field} ${operator} ${field === 'fd.sport' ? number.replace('-', '') : number}`;
    }),
  fc
    .tuple(oneOf(['proc.pid', 'evt.rawres', 'user.uid']), oneOf(['in', 'intersects']), list(numberTexts))
    .map((p) => p.join(' ')),
  fc.tuple(oneOf(booleanFields), oneOf(['=', '!=']), oneOf(['true', 'false'])).map((p) => p.join(' ')),
  fc.tuple(oneOf(candidateFields), oneOf(['=', '!=', 'in (22, 443)', 'exists'])).map(([field, operator]) => {
    if (operator.length > 2) return `${field} ${operator}`;
    return `${field} ${operator} ${field === 'proc.aname' ? 'sshd' : '22'}`;
  }),
  fc
    .tuple(oneOf(['tolower', 'toupper', 'basename', 'b64']), text, oneOf(WORDS))
    .map(([name, field, word]) => `${name}(${field}) = ${word}`),
  fc.tuple(text, oneOf(textFields)).map(([left, right]) => `${left} = val(${right})`),
  text.map((field) => `len(${field}) > 3`),
  oneOf([...textFields, ...pathFields, ...numberFields]).map((field) => `${field} exists`),
  fc.tuple(oneOf(['=', '!=']), oneOf(['openat', 'execve', 'connect', 'setuid'])).map(([o, t]) => `evt.type ${o} ${t}`),
  oneOf(['evt.type in (open, openat, creat)', 'evt.type in (execve, connect)', 'evt.type exists']),
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

const sometimes = <T extends FieldResult>(value: fc.Arbitrary<T>): fc.Arbitrary<FieldResult> =>
  fc.oneof(
    { weight: 8, arbitrary: value },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(PENDING) },
  );

const record = (fields: readonly string[], value: fc.Arbitrary<FieldResult>) =>
  fc.tuple(...fields.map(() => value)).map((values) => fields.map((field, place) => [field, values[place]] as const));

/** Values that depend on the process alone. */
export const processValues: fc.Arbitrary<readonly (readonly [string, FieldResult])[]> = fc
  .tuple(
    record(
      ['proc.name', 'proc.pname', 'proc.exepath', 'container.id', 'user.name', 'proc.env[PATH]', 'evt.hostname'],
      sometimes(oneOf(TEXTS)),
    ),
    record(['proc.pid', 'user.uid'], sometimes(oneOf(NUMBERS))),
    record(['proc.aname'], sometimes(fc.array(oneOf(TEXTS), { maxLength: 3 }))),
    record(['proc.apid'], sometimes(fc.array(oneOf(NUMBERS), { maxLength: 3 }))),
    record(['proc.is_exe_writable'], sometimes(fc.boolean())),
  )
  .map((groups) => groups.flat());

/** One event: its kind and what the kernel would see of it, and the fields that show that. */
export interface FuzzEvent {
  readonly kind: EventKind;
  readonly type: string;
  readonly result: number;
  readonly openFlags: number;
  readonly path: string;
  readonly ports: readonly number[];
  readonly values: readonly (readonly [string, FieldResult])[];
}

export const event: fc.Arbitrary<FuzzEvent> = fc
  .record({
    kind: oneOf(EVENT_KINDS),
    typeIndex: fc.nat(),
    result: oneOf([-115, -13, -2, 0, 3, 100]),
    openFlags: oneOf([0, 1, 2, 0x40, 0x41, 0x242, 0x400]),
    path: oneOf(['/etc/shadow', '/etc/ssh/x', '/bin/bash', '/', 'relative', '/etc//passwd', '/var/log/a.log']),
    ports: fc.array(oneOf([22, 443, 4096]), { maxLength: 2 }),
    tid: sometimes(oneOf(NUMBERS)),
  })
  .map(({ kind, typeIndex, tid, ...rest }) => {
    const types: readonly string[] = EVENT_TYPES[kind];
    const type = types[typeIndex % types.length] ?? kind;
    return { ...rest, kind, type, values: fieldValues({ ...rest, kind, type }, tid) };
  });

function fieldValues(
  { kind, type, result, openFlags, path, ports }: Omit<FuzzEvent, 'values'>,
  tid: FieldResult,
): readonly (readonly [string, FieldResult])[] {
  const failed = result < 0;
  const slash = path.lastIndexOf('/');
  const names = [
    ...((openFlags & 3) !== 0 ? ['O_RDWR'] : ['O_RDONLY']),
    ...((openFlags & 0x40) !== 0 ? ['O_CREAT'] : []),
    ...((openFlags & 0x200) !== 0 ? ['O_TRUNC'] : []),
    ...((openFlags & 0x400) !== 0 ? ['O_APPEND'] : []),
  ];
  return [
    ['evt.type', type],
    ['evt.failed', failed],
    ['evt.rawres', result],
    ['evt.res', failed ? (result === -13 ? 'EACCES' : 'ENOENT') : 'SUCCESS'],
    ['fd.num', failed && kind === 'open' ? -1 : Math.abs(result)],
    ['fd.name', path],
    ['fs.path.name', path],
    ['fd.directory', slash <= 0 ? '/' : path.slice(0, slash)],
    ['evt.is_open_write', kind === 'open' && (openFlags & 3) !== 0],
    ['evt.arg[flags]', kind === 'open' ? names.join('|') : undefined],
    ['fd.port', ports.length === 0 ? undefined : ports],
    ['fd.sport', ports[0]],
    ['thread.tid', tid],
  ];
}

/** A process as the pipeline keeps it. */
export function fuzzProcess(): { readonly mask: MaskSlot } {
  return { mask: createMaskSlot() };
}
