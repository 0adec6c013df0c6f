// Writes agent/events/tested-kinds.gen.ts from test/kernel/*.test.ts: the kinds that a live test declares (`const KINDS =
// [...] as const;`) and holds against a victim's testimony. Usage: node scripts/gen-tested-kinds.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = `${root}test/kernel`;

function fail(message) {
  process.stderr.write(`gen-tested-kinds: ${message}\n`);
  process.exit(3);
}

/** The words of the array constant of this name. */
function wordsOf(text, name) {
  const array = new RegExp(`^(?:export )?const ${name} = \\[([^\\]]*)\\] as const;`, 'm').exec(text);
  return array === null ? undefined : [...array[1].matchAll(/'(\w+)'/g)].map(([, word]) => word);
}

const kindsFile = `${root}agent/events/kinds.ts`;
const kinds = wordsOf(readFileSync(kindsFile, 'utf8'), 'EVENT_KINDS') ?? fail(`${kindsFile} has no EVENT_KINDS`);

const tested = new Set();
for (const file of readdirSync(tests).filter((name) => name.endsWith('.test.ts'))) {
  const text = readFileSync(`${tests}/${file}`, 'utf8');
  const declared = wordsOf(text, 'KINDS');
  if (declared === undefined) continue;
  // A kind counts only where the file itself fails when none of its records was held against a testimony.
  if (!/\.seen\]\.sort\(\)\)\.toEqual\(\[\.\.\.KINDS\]\.sort\(\)\)/.test(text))
    fail(`test/kernel/${file} declares KINDS but does not assert that all of them were seen`);
  for (const kind of declared) {
    if (!kinds.includes(kind)) fail(`test/kernel/${file}: ${kind} is no kind of agent/events/kinds.ts`);
    tested.add(kind);
  }
}

writeFileSync(
  `${root}agent/events/tested-kinds.gen.ts`,
  [
    '// Generated from test/kernel/*.test.ts by scripts/gen-tested-kinds.mjs.',
    "import type { CollectedKind } from './kinds.ts';",
    '',
    '/** Kinds whose records a live test compares with what a victim program says of its own acts. */',
    'export const TESTED_KINDS: readonly CollectedKind[] = [',
    ...kinds.filter((kind) => tested.has(kind)).map((kind) => `  '${kind}',`),
    '];',
    '',
  ].join('\n'),
);
