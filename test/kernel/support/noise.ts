import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type NoiseKind = 'opens' | 'forks' | 'setuid' | 'ptrace';

/** Noise that goes on until it is told to end; then it says how many calls it made. */
export interface Noise {
  end(): Promise<number>;
}

export function startNoise(program: string, procs: string, kind: NoiseKind, files: readonly string[] = []): Noise {
  const child = spawn(program, [procs, kind, '0', ...files], { stdio: ['pipe', 'pipe', 'inherit'] });
  const made = saidNumber(child);
  return {
    end: () => {
      child.stdin?.end();
      return made;
    },
  };
}

/** So many calls, as fast as they can be made. */
export function makeNoise(
  program: string,
  procs: string,
  kind: NoiseKind,
  count: number,
  files: readonly string[] = [],
): Promise<number> {
  return saidNumber(spawn(program, [procs, kind, String(count), ...files], { stdio: ['ignore', 'pipe', 'inherit'] }));
}

/** Does the rounds of an attack on what `prepareAttack` has made, as user `uid` and up; says how many went well. */
export function attack(program: string, procs: string, folder: string, rounds: number, uid: number): Promise<number> {
  return saidNumber(
    spawn(program, [procs, 'attack', folder, String(rounds), String(uid)], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
}

/** A file to open and a program to run for each round. */
export function prepareAttack(folder: string, rounds: number): { files: string[]; programs: string[] } {
  // The programs are run by other users.
  chmodSync(folder, 0o755);
  const numbered = (name: string): string[] => Array.from({ length: rounds }, (_, i) => join(folder, `${name}-${i}`));
  const files = numbered('file');
  const programs = numbered('program');
  for (const file of files) writeFileSync(file, '');
  for (const program of programs) copyFileSync('/bin/true', program);
  return { files, programs };
}

async function saidNumber(child: ChildProcess): Promise<number> {
  let said = '';
  child.stdout?.setEncoding('latin1').on('data', (text: string) => {
    said += text;
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`noise ended with ${code ?? signal}`);
  return Number(said);
}
