/**
 * Measures what was promised: `run.js [--large] [NAME...]`, by default everything; --large with more data. Each benchmark runs in a process of its own, so
 * that none finds another's compiled code and memory. Exit code 1 where a promise was not kept, 2 for an unknown name, 3
 * where something could not be measured here.
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Figure, printFigures } from './support/table.ts';

type Benchmark = (root: string) => Figure[] | Promise<Figure[]>;

const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  match: async () => (await import('./match.ts')).benchMatch,
  scap: async () => (await import('./scap.ts')).benchScap,
  compile: async () => (await import('./compile.ts')).benchCompile,
  imports: async () => (await import('./imports.ts')).benchImports,
  storm: async () => (await import('./storm.ts')).benchStorm,
  idle: async () => (await import('./idle.ts')).benchIdle,
  latency: async () => (await import('./latency.ts')).benchLatency,
  throughput: async () => (await import('./throughput.ts')).benchThroughput,
  kernel: async () => (await import('./kernel.ts')).benchKernel,
  delivery: async () => (await import('./delivery.ts')).benchDelivery,
};

const root = fileURLToPath(new URL('../..', import.meta.url));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in BENCHMARKS));
  if (unknown.length > 0) {
    console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHMARKS).join(', ')}`);
    return 2;
  }
  const [only] = names;
  if (names.length === 1 && only !== undefined) return measure(only);
  const codes = (names.length > 0 ? names : Object.keys(BENCHMARKS)).map(
    (name) => spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: 'inherit' }).status ?? 3,
  );
  return Math.max(...codes);
}

async function measure(name: string): Promise<number> {
  const [load = 0] = loadavg();
  console.log(`${name} (${cpus().length} cpus, load ${load.toFixed(1)} before)`);
  try {
    const benchmark = await BENCHMARKS[name]?.();
    const figures = (await benchmark?.(root)) ?? [];
    printFigures(figures);
    return figures.some(({ kept }) => kept === false) ? 1 : 0;
  } catch (error) {
    console.log(`  not measured: ${error instanceof Error ? error.message : String(error)}`);
    return 3;
  } finally {
    console.log();
  }
}

const LARGE = '--large';
if (process.argv.includes(LARGE)) process.env['BENCH_LARGE'] = '1';
process.exitCode = await main(process.argv.slice(2).filter((word) => word !== LARGE));
