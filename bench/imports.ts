import { execFileSync } from 'node:child_process';
import type { Figure } from './support/table.ts';

/** What the agent imports at start, each alone in a bare process and then all together. */
const MODULES = [
  'better-sqlite3',
  '@grpc/grpc-js',
  'protobufjs/minimal.js',
  'pino',
  'prom-client',
  'yaml',
  're2js',
  'commander',
] as const;
const RUNS = 3;

/** Resident memory that each import adds to a bare Node.js (minimum of a few runs). */
export function benchImports(root: string): Figure[] {
  const bare = residentMiB(root, []);
  const figures: Figure[] = [{ name: 'bare Node.js', value: `${bare.toFixed(1)} MiB` }];
  for (const name of MODULES) {
    figures.push({ name: `import ${name}`, value: `+${(residentMiB(root, [name]) - bare).toFixed(1)} MiB` });
  }
  figures.push({ name: 'all of them', value: `+${(residentMiB(root, MODULES) - bare).toFixed(1)} MiB` });
  return figures;
}

function residentMiB(root: string, modules: readonly string[]): number {
  const script = `
    for (const name of ${JSON.stringify(modules)}) await import(name);
    globalThis.gc();
    const { readFileSync } = await import('node:fs');
    console.log(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1]);`;
  const runs = Array.from({ length: RUNS }, () => {
    const printed = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], { cwd: root });
    return Number(printed.toString()) / 1024;
  });
  return Math.min(...runs);
}
