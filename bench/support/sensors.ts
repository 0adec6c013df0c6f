import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** How many sensors of any agent are loaded on this machine; undefined where no bpftool can tell. */
export function loadedSensors(root: string): number | undefined {
  try {
    const bpftool = execFileSync('bash', [join(root, 'scripts/setup/bpftool.sh')])
      .toString()
      .trim();
    const programs = JSON.parse(execFileSync(bpftool, ['--json', 'prog', 'show']).toString()) as { name?: string }[];
    return programs.filter(({ name }) => name === 'syscall_exit').length;
  } catch {
    return undefined;
  }
}
