// Writes agent/decode/layout.gen.ts from the BTF of native/build/layout.bpf.o, which names every struct of
// native/bpf/events.h. Usage: node scripts/gen-layout.mjs [OBJECT] [OUTPUT]
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [object = `${root}native/build/layout.bpf.o`, output = `${root}agent/decode/layout.gen.ts`] =
  process.argv.slice(2);

const ENUMS = [
  ['atalaya_abi', 'abi', 'ABI_'],
  ['event_kind', 'eventKind', 'KIND_'],
  ['event_lane', 'eventLane', 'LANE_'],
  ['event_flags', 'eventFlags', 'EVENT_'],
  ['overlay_layer', 'overlayLayer', 'OVERLAY_'],
  ['file_flags', 'fileFlags', 'FILE_'],
  ['exec_flags', 'execFlags', 'EXEC_'],
];
const BLOCKS = ['vstr', 'event_header', 'file_block', 'sock_block'];

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const constant = (name) => (/^[a-z]\w*$/.test(name) ? name : `'${name}'`);

function fail(message) {
  process.stderr.write(`gen-layout: ${message}\n`);
  process.exit(3);
}

function readTypes() {
  let text;
  try {
    text = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', object], { encoding: 'utf8', maxBuffer: 1 << 26 });
  } catch (error) {
    fail(`bpftool cannot read the BTF of ${object}: ${String(error.stderr || error.message).trim()}`);
  }
  return new Map(JSON.parse(text).types.map((type) => [type.id, type]));
}

/** The type of a member in the builder's words: u8 u16 u32 u64 s32 s64, u8[16], or a struct's name. */
function describe(types, id) {
  const type = types.get(id);
  switch (type.kind) {
    case 'TYPEDEF':
    case 'CONST':
      return describe(types, type.type_id);
    case 'INT':
      return `${type.encoding === 'SIGNED' ? 's' : 'u'}${type.nr_bits}`;
    case 'ENUM':
      return `u${type.size * 8}`;
    case 'ARRAY':
      return `${describe(types, type.type_id)}[${type.nr_elems}]`;
    case 'STRUCT':
      return camel(type.name);
    default:
      return fail(`a member has the BTF kind ${type.kind}, which the layout does not know`);
  }
}

function renderStruct(types, struct) {
  const members = struct.members.filter((member) => !/^pad\d*$/.test(member.name));
  const offsets = members.map((m) => `  ${camel(m.name)}: ${m.bits_offset / 8},`);
  const rows = members.map((m) => `    ${camel(m.name)}: [${m.bits_offset / 8}, '${describe(types, m.type_id)}'],`);
  const name = camel(struct.name);
  return {
    offsets: [`export const ${name} = {`, `  structBytes: ${struct.size},`, ...offsets, '} as const;'].join('\n'),
    bytes: `  ${name}: ${struct.size},`,
    shape: [`  ${name}: {`, ...rows, '  },'].join('\n'),
  };
}

function renderEnum(type, name, prefix) {
  const values = type.values.map((v) => {
    const key = v.name.startsWith(prefix) ? v.name.slice(prefix.length) : v.name;
    return `  ${constant(camel(key.toLowerCase()))}: ${v.val},`;
  });
  return [`export const ${name} = {`, ...values, '} as const;'].join('\n');
}

const types = readTypes();
const byName = (kind, name) =>
  [...types.values()].find((type) => type.kind === kind && type.name === name) ??
  fail(`${object} has no ${kind.toLowerCase()} ${name}: layout.bpf.c must name it`);

const events = [...types.values()]
  .filter((type) => type.kind === 'STRUCT' && /^event_/.test(type.name) && !BLOCKS.includes(type.name))
  .map((type) => type.name)
  .sort();
const structs = [...BLOCKS, ...events].map((name) => renderStruct(types, byName('STRUCT', name)));

writeFileSync(
  output,
  [
    '// Generated from native/bpf/events.h (through the BTF of native/build/layout.bpf.o) by scripts/gen-layout.mjs.',
    '',
    ...ENUMS.map(([type, name, prefix]) => `${renderEnum(byName('ENUM', type), name, prefix)}\n`),
    '/** Offsets in bytes from the start of each struct. */',
    ...structs.map((struct) => `${struct.offsets}\n`),
    '/** Size of each struct in bytes, without the strings that follow it. */',
    'export const STRUCT_BYTES = {',
    ...structs.map((struct) => struct.bytes),
    '} as const;',
    '',
    '/** Every member as [offset, type], for what walks over a record: validation, builders of test records. */',
    'export const STRUCTS = {',
    ...structs.map((struct) => struct.shape),
    '} as const satisfies Record<string, Record<string, readonly [offset: number, type: string]>>;',
    '',
  ].join('\n'),
);
