import { readFileSync, writeFileSync } from 'node:fs';
import type { Testimony } from './testimony.ts';

/** By victim: kind, call, way and outcome of each act that a record was compared with. docs/kinds.md is made from it. */
type Testified = Readonly<Record<string, readonly string[]>>;

const FILE = new URL('../testified.json', import.meta.url);

function read(): Testified {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Testified;
}

/** One act in the words of the file. */
export function actOf({ kind, call, isCompat, isUring, members }: Testimony): string {
  const way = isUring ? 'io_uring' : isCompat ? '32-bit' : '64-bit';
  const failed = (members.get('h.result') as bigint) < 0n;
  return [kind, call === '' ? '-' : call, way, failed ? 'failure' : 'success'].join(' ');
}

/** Acts that the file claims of a victim and that this run has not seen; with ATALAYA_TESTIFY=1 they become the claim. */
export function unproven(victim: string, acts: ReadonlySet<string>): readonly string[] {
  if (process.env['ATALAYA_TESTIFY'] !== '1') return (read()[victim] ?? []).filter((act) => !acts.has(act));
  const all: Testified = { ...read(), [victim]: [...acts].sort() };
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
  return [];
}
