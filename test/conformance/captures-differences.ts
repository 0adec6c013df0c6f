import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Expected, Fields } from './captures-expected.ts';

/** One value that differs, with what else is known of its event. */
export interface Deviation {
  readonly field: string;
  readonly expected: Expected;
  readonly found: unknown;
  readonly type: string;
  /** The peer's values of the event. */
  readonly row: Fields;
  /** Ours. */
  readonly ours: Readonly<Record<string, unknown>>;
}

/** A difference that is meant. */
export interface Difference {
  readonly fields: readonly string[];
  /** evt.type names; absent = all. */
  readonly types?: readonly string[];
  /** What the peer says; absent = anything. */
  readonly expected?: Expected;
  readonly found?: Expected;
  /** Name of a condition in CONDITIONS. */
  readonly when?: string;
  readonly reason: string;
}

const here = dirname(fileURLToPath(import.meta.url));

export function readDifferences(): Difference[] {
  const places = [here, join(here, '../../../test/conformance')].map((folder) => join(folder, 'differences.yaml'));
  const path = places.find((place) => existsSync(place));
  if (path === undefined) throw new Error('differences.yaml is not there');
  const differences = (parse(readFileSync(path, 'utf8')) ?? []) as Difference[];
  for (const { fields, reason, when } of differences) {
    if (!Array.isArray(fields) || typeof reason !== 'string') throw new Error(`${path}: each has fields and reason`);
    if (when !== undefined && CONDITIONS[when] === undefined) throw new Error(`${path}: no condition ${when}`);
  }
  return differences;
}

export function isMeant(deviation: Deviation, differences: readonly Difference[]): Difference | undefined {
  return differences.find((difference) => fits(deviation, difference));
}

function fits(deviation: Deviation, { fields, types, expected, found, when }: Difference): boolean {
  if (!fields.includes(deviation.field)) return false;
  if (types !== undefined && !types.includes(deviation.type)) return false;
  if (expected !== undefined && deviation.expected !== expected) return false;
  if (found !== undefined && deviation.found !== found) return false;
  return when === undefined || CONDITIONS[when]?.(deviation) === true;
}

const CONDITIONS: Readonly<Record<string, (deviation: Deviation) => boolean>> = {
  'enter-joined': ({ expected, found }) => hasAll(String(found), String(expected)),
  // Where it has the descriptor all the same, only its number is wrong.
  'descriptor-not-known': ({ field, row, ours }) => {
    if (row['fd.num'] !== null && row['fd.num'] !== -1) return false;
    return ours['fd.num'] !== null && (field === 'fd.num' || row['fd.type'] === null);
  },
  'failed-open-directory': ({ row, expected, found }) =>
    row['evt.failed'] === true && expected === row['fd.name'] && found === directoryOf(String(expected)),
  'failed-open-path': ({ row, found }) => row['evt.failed'] === true && found === null,
  'joined-parameter': ({ field, expected, found }) =>
    field.startsWith('evt.arg.') && expected === null && typeof found === 'string',
  // A rule that asks whether the process is in a container, about one that is in a pid namespace and in none.
  'container-of-pid-namespace': ({ row, ours, expected }) => {
    if (!/\bcontainer\.id\b/.test(String(ours['condition']))) return false;
    if (expected !== null) return row['container.id'] === '';
    return ours['container.id'] === 'host' && ours['proc.vpid'] !== ours['proc.pid'];
  },
  'in-pid-namespace': ({ row, expected, found }) => row['container.id'] === '' && expected === null && found === 'host',
  'made-up-container-name': ({ expected, found, row }) => {
    const id = row['container.id'];
    return found === null && (expected === `local-${id}` || expected === id);
  },
  'failed-unix-connect': ({ field, expected, found, ours }) => {
    if (ours['fd.type'] !== 'unix' || ours['fd.name'] !== '') return false;
    return field === 'fd.name'
      ? found === ''
      : hasAll(String(found), String(expected).replace(/\(<u>[^)]*\)/g, '(<u>)'));
  },
  // In the fields of an alert it is not told which descriptor it was.
  'alert-without-descriptor': ({ row }) => row['fd.num'] === undefined,
  'newer-flag-names': ({ expected, found }) => hasNewerNames(String(found), String(expected)),
  'result-was-pid': ({ expected, found }) =>
    hasAll(String(found).replace(/^(res=-\d+)\([A-Z]+\)/, '$1'), String(expected)),
  'nothing-there': ({ field, found }) => found === (field === 'fd.directory' ? '/' : ''),
  'raised-at-enter': ({ expected, ours }) => expected === ours['beganNs'],
  'asks-for-enter': ({ ours }) => /\bevt\.dir = ?>/.test(String(ours['condition'])),
  'at-working-directory': ({ expected, found, row }) => {
    const [, name] = /^<UNKNOWN>([^/].*)$/.exec(String(expected)) ?? [];
    const isWorkingDirectory = /=-100\(AT_FDCWD\)/.test(String(row['evt.args']));
    return name !== undefined && isWorkingDirectory && found === `${row['proc.cwd']}${name}`;
  },
  'unknown-directory': ({ expected, found }) => {
    const plain = (text: unknown) => String(text).replace(/\((<UNKNOWN>)?[^()]*\)/g, '');
    return String(found).includes('<UNKNOWN>') && hasAll(plain(found), plain(expected));
  },
  'ipv6-datagram': ({ ours, expected, found, field }) => {
    if (ours['fd.type'] !== 'ipv6' || ours['fd.l4proto'] !== 'udp') return false;
    return field !== 'evt.args' || hasAll(withoutIpNames(found), withoutIpNames(expected));
  },
  'mapped-connect': ({ row, ours, expected, found, field }) => {
    const isNameless = ours['fd.name'] === '' && (row['fd.name'] === '' || row['fd.name'] === 'NULL');
    if (ours['fd.type'] !== 'ipv6' || !isNameless) return false;
    if (field === 'evt.args') return hasAll(withoutIpNames(found), withoutIpNames(expected));
    return expected === (field === 'fd.type' ? 'ipv4' : '4');
  },
  'double-slash': ({ expected, found }) => hasAll(String(found), String(expected).replaceAll('(//', '(/')),
};

/** Without what descriptors of ip sockets are called. */
function withoutIpNames(text: unknown): string {
  return String(text).replace(/\(<[46][tuir]?>[^)]*\)/g, '');
}

/** Parameters `name=text` in order; a text may have blanks in it. */
function parametersOf(args: string): string[] {
  return args.split(/ (?=[a-z_0-9]+=)/);
}

/** Whether all parameters of one text are in another, in their order. */
function hasAll(args: string, some: string): boolean {
  const all = parametersOf(args);
  let at = 0;
  for (const parameter of parametersOf(some)) {
    at = all.indexOf(parameter, at) + 1;
    if (at === 0) return some === '';
  }
  return true;
}

/** Whether two texts differ only in that flags of the same number have more names in one. */
function hasNewerNames(args: string, older: string): boolean {
  const all = parametersOf(args);
  let at = 0;
  for (const parameter of parametersOf(older)) {
    const [, head, names = ''] = /^([a-z_0-9]+=-?\d+)(?:\(([A-Z_0-9|]*)\))?$/.exec(parameter) ?? [];
    const known = names.split('|');
    at =
      all.findIndex((candidate, place) => {
        if (place < at) return false;
        if (candidate === parameter) return true;
        if (head === undefined || !candidate.startsWith(`${head}(`)) return false;
        const more = candidate.slice(head.length + 1, -1).split('|');
        return names === '' || known.every((name) => more.includes(name));
      }) + 1;
    if (at === 0) return false;
  }
  return true;
}

function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
