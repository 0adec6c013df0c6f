import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each part may import beside itself; `type:` in front: types only. What is not listed is an edge: it composes. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'agent/lib': [],
  'agent/events': ['agent/lib'],
  'agent/decode': ['agent/lib', 'agent/events'],
  'agent/fields': ['agent/lib', 'agent/events'],
  'agent/rules': ['agent/lib', 'agent/events', 'agent/fields'],
  'agent/match': ['agent/lib', 'agent/events', 'type:agent/rules'],
  'agent/state': ['agent/lib', 'agent/events'],
  'agent/sources': ['agent/lib', 'agent/events', 'agent/decode', 'native'],
  'agent/kubernetes': ['agent/lib', 'agent/events'],
  'agent/runtime': ['agent/lib', 'agent/events', 'proto'],
  'agent/alert': ['agent/lib', 'agent/events', 'agent/fields'],
  'agent/storage': ['agent/lib'],
  'agent/listen': ['agent/lib'],
  'agent/outputs': ['agent/lib', 'agent/events', 'agent/storage', 'proto'],
  native: ['agent/lib'],
  proto: ['agent/lib', 'agent/events'],
  collector: ['agent/lib', 'agent/events', 'agent/fields', 'agent/rules', 'agent/storage', 'agent/listen', 'proto'],
};

/** No world in here: neither Node.js's modules nor clock nor chance. */
const PURE = ['lib', 'events', 'decode', 'fields', 'rules', 'match', 'alert'].map((folder) => `agent/${folder}`);
const WORLD =
  /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bMath\.random\(|\bprocess\.(hrtime|argv|stdout|stderr|exit|platform|arch|nextTick|on)\b/;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = ['agent', 'collector', 'native', 'proto'].flatMap(sourcesIn);
const imports = files.flatMap(importsOf);

function sourcesIn(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
}

function importsOf(file: string): Import[] {
  const statements = codeOf(file).matchAll(/^(?:import|export)\s(type\s)?(?:[^;'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm);
  return [...statements].map((statement) => {
    const [text, type, specifier = ''] = statement;
    const names = /\{([^}]*)\}/
      .exec(text)?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '');
    const typeOnly = type !== undefined || (names?.every((name) => name.trim().startsWith('type ')) ?? false);
    const target = specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier;
    return { file, target, typeOnly };
  });
}

function partOf(file: string): string {
  return file
    .split('/')
    .slice(0, file.startsWith('agent/') ? 2 : 1)
    .join('/');
}

test('there is something to look at', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(files.length);
});

test('parts import only what stands below them', () => {
  const wrong = imports.filter(({ file, target, typeOnly }) => {
    const from = partOf(file);
    const to = partOf(target);
    const allowed = MAY_IMPORT[from];
    if (allowed === undefined || from === to || !/^(agent|collector|native|proto|test|bench)\//.test(target))
      return false;
    return !allowed.includes(to) && !(typeOnly && allowed.includes(`type:${to}`));
  });
  expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
});

test('nothing of the product imports tests or benchmarks', () => {
  expect(imports.filter(({ target }) => /^(test|bench)\//.test(target))).toEqual([]);
});

test('pure parts use neither Node.js nor clock nor chance', () => {
  const pure = files.filter((file) => PURE.includes(partOf(file)));
  const importing = imports.filter(({ file, target }) => pure.includes(file) && target.startsWith('node:'));
  const reaching = pure.filter((file) => WORLD.test(codeOf(file)));
  expect([...importing.map(({ file, target }) => `${file} -> ${target}`), ...reaching]).toEqual([]);
});

test('no file of values reaches itself through imports', () => {
  const edges = new Map<string, string[]>();
  for (const { file, target, typeOnly } of imports) {
    if (!typeOnly && files.includes(target)) edges.set(file, [...(edges.get(file) ?? []), target]);
  }
  expect(cyclesIn(edges)).toEqual([]);
});

test('no file only passes on what others export', () => {
  expect(files.filter((file) => /^export \* from/m.test(codeOf(file)))).toEqual([]);
});

function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    done.add(file);
    for (const target of edges.get(file) ?? []) visit(target, [...path, file]);
  };
  for (const file of edges.keys()) visit(file, []);
  return cycles;
}
