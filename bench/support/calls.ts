import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running bench/native/calls: answers one line a command. */
export interface Calls {
  /** ns per call of each block, in order. */
  blocks(call: 'getppid' | 'open' | 'spawn', count: number, perBlock: number): Promise<number[]>;
  /** Attaches the empty program at syscall exit, the unit E. */
  attachEmpty(): Promise<void>;
  detachEmpty(): Promise<void>;
  stop(): void;
}

/** Compiles the timing program and the empty BPF program into a fresh folder. Throws with the compiler's words. */
export function buildCalls(sourceDir: string): { program: string; emptyObject: string; dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'atalaya-bench-'));
  const program = join(dir, 'calls');
  const emptyObject = join(dir, 'empty.bpf.o');
  const include = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  execFileSync('cc', ['-O2', '-Wall', '-o', program, join(sourceDir, 'calls.c'), '-lbpf']);
  execFileSync('clang', [
    '-g',
    '-O2',
    '-target',
    'bpf',
    `-I${include}`,
    '-c',
    join(sourceDir, 'empty.bpf.c'),
    '-o',
    emptyObject,
  ]);
  return { program, emptyObject, dir };
}

/** Starts the timing program on one cpu; the rest of the machine is left to the agent. */
export function startCalls(program: string, emptyObject: string, cpu: number, path: string): Calls {
  const child: ChildProcess = spawn('taskset', ['-c', String(cpu), program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, BENCH_PATH: path },
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('the timing program has no pipes');
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: stdout }).on('line', (line) => waiting.shift()?.(line));

  const ask = (command: string): Promise<string> =>
    new Promise((resolve, reject) => {
      waiting.push((line) => (line.startsWith('error') ? reject(new Error(`${command}: ${line}`)) : resolve(line)));
      stdin.write(`${command}\n`);
    });
  return {
    blocks: async (call, count, perBlock) => (await ask(`${call} ${count} ${perBlock}`)).split(' ').map(Number),
    attachEmpty: async () => void (await ask(`attach ${emptyObject}`)),
    detachEmpty: async () => void (await ask('detach')),
    stop: () => stdin.end(),
  };
}
