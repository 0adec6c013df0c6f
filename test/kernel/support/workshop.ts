import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const HEADERS = fileURLToPath(new URL('../../../native/bpf', import.meta.url));

/** A temporary directory in which test/kernel/programs are built. */
export interface Workshop {
  readonly dir: string;
  /** The small object, by default as it is; `defines` as its own comment says. */
  smallObject(...defines: string[]): string;
  /** The program that makes many events. */
  storm(): string;
  /** The program that makes noise, and does something in its midst. */
  noise(): string;
  remove(): void;
}

export function openWorkshop(): Workshop {
  const dir = mkdtempSync(join(tmpdir(), 'atalaya-workshop-'));
  let built = 0;
  const build = (compiler: string, source: string, flags: readonly string[]): string => {
    const output = join(dir, `${source}-${built++}`);
    execFileSync(compiler, [...flags, '-o', output, join(PROGRAMS, source)], { stdio: ['ignore', 'ignore', 'pipe'] });
    return output;
  };
  return {
    dir,
    smallObject: (...defines) =>
      build('clang', 'small.bpf.c', [...BPF_FLAGS, `-I${HEADERS}`, ...defines.map((define) => `-D${define}`), '-c']),
    storm: () => build('cc', 'storm.c', ['-O2', '-Wall', '-Werror']),
    noise: () => build('cc', 'noise.c', ['-O2', '-Wall', '-Werror']),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

const IS_ARM = process.arch === 'arm64';
const BPF_FLAGS = [
  '-g',
  '-O2',
  '-Wall',
  '-Werror',
  '-target',
  'bpf',
  '-mcpu=v3',
  `-D__TARGET_ARCH_${IS_ARM ? 'arm64' : 'x86'}`,
  `-I/usr/include/${IS_ARM ? 'aarch64' : 'x86_64'}-linux-gnu`,
];
