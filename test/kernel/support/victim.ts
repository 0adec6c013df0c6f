import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../victims', import.meta.url));
/** A victim uses of victim.h what it needs. */
const FLAGS = ['-O1', '-Wall', '-Werror', '-Wno-unused-function', '-pthread'];

/** A victim program, compiled; every act runs in a directory of its own. */
export interface Victim {
  run(act: string): Promise<VictimRun>;
  remove(): void;
}

export interface VictimRun {
  readonly pid: number;
  readonly output: string;
}

/** Compiles test/kernel/victims/NAME.c. Throws what the compiler says. */
export function compileVictim(name: string): Victim {
  const dir = mkdtempSync(join(tmpdir(), 'atalaya-victim-'));
  // Some acts run as another user, who must get to the program and the directory.
  chmodSync(dir, 0o755);
  const program = join(dir, name);
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    execFileSync('cc', [...FLAGS, '-o', program, join(SOURCES, `${name}.c`)], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    remove();
    throw error;
  }
  return { run: (act) => runAct(program, act, dir), remove };
}

async function runAct(program: string, act: string, dir: string): Promise<VictimRun> {
  const cwd = mkdtempSync(join(dir, 'act-'));
  chmodSync(cwd, 0o755);
  const child = spawn(program, [act], { cwd, env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 && child.pid !== undefined)
        resolve({ pid: child.pid, output: Buffer.concat(output).toString('latin1') });
      else reject(new Error(`victim ${act} ended with ${code ?? signal}: ${Buffer.concat(complaints).toString()}`));
    });
  });
}
