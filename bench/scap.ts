import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured } from './scap-one.ts';
import { atLeast, type Figure } from './support/table.ts';

const STABLE = 'falco_rules.yaml';

/**
 * Events a second through the reader of .scap captures, on one core. The corpus is the bundled captures, one after
 * another: short, so that other work on the machine does not reach into the best pass. ATALAYA_BENCH_SCAP names another
 * capture (gzip).
 */
export function benchScap(root: string): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-bench-'));
  try {
    return measureAll(root, process.env['ATALAYA_BENCH_SCAP'] ?? corpus(root, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measureAll(root: string, path: string): Figure[] {
  const folder = join(root, 'test/data/captures-peer/rules');
  const stable = [join(folder, STABLE)];
  const all = readdirSync(folder).map((name) => join(folder, name));
  const read = measure(path, 'read');
  return [
    { name: 'capture', value: `${read.events} events`, note: 'enter events counted, as the recorder wrote them' },
    rate('frames and lengths, unpacked before', 20, read),
    rate('all parameters decoded', 2, measure(path, 'decode')),
    rate('replay, upstream stable rules', 2.2, measure(path, 'replay', stable)),
    rate('replay, all upstream rules', 1.1, measure(path, 'replay', all)),
    allocated('allocated by reading frames', measure(path, 'read', [], ROOMY)),
    allocated('allocated by replay without unpacking', measure(path, 'match', all, ROOMY)),
  ];
}

function rate(name: string, promised: number, { perSecond, first, matched }: Measured): Figure {
  const note = `first pass ${(first / 1e6).toFixed(2)} M/s; ${matched} events match`;
  return { ...atLeast(name, perSecond / 1e6, promised, 'M/s'), note };
}

function allocated(name: string, { bytesPerEvent }: Measured): Figure {
  return { name, value: `${bytesPerEvent.toFixed(1)} bytes/event` };
}

function corpus(root: string, folder: string): string {
  const captures = join(root, 'test/data/captures-peer');
  const members = readdirSync(captures)
    .filter((name) => name.endsWith('.scap'))
    .map((name) => readFileSync(join(captures, name)));
  const path = join(folder, 'corpus.scap');
  writeFileSync(path, Buffer.concat(members));
  return path;
}

/** Room for all that a pass allocates. */
const ROOMY = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=1024'];

function measure(path: string, what: string, rules: readonly string[] = [], flags: readonly string[] = []): Measured {
  const program = fileURLToPath(new URL('./scap-one.js', import.meta.url));
  const words = [...flags, program, path, what, ...rules];
  return JSON.parse(execFileSync(process.execPath, words).toString()) as Measured;
}
