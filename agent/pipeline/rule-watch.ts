import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface RuleWatch {
  stop(): void;
}

/**
 * Calls back when a rule file has changed, come or gone. It looks every so often instead of having the kernel tell: that
 * also sees what a link or a mount (a ConfigMap's) puts in the place of a folder.
 */
export function watchRules(paths: readonly string[], everyMs: number, onChange: () => void): RuleWatch {
  let known = signatureOf(paths);
  const timer = setInterval(() => {
    const now = signatureOf(paths);
    if (now === known) return;
    known = now;
    onChange();
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** A text that is another one when any of the files is. */
export function signatureOf(paths: readonly string[]): string {
  return paths.map((path) => [path, ...namesIn(path).map((name) => join(path, name))].map(stamp).join('\n')).join('\n');
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    // A file, or not there: its own stamp tells.
    return [];
  }
}

function stamp(path: string): string {
  try {
    const stat = statSync(path, { bigint: true });
    return `${path} ${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
  } catch {
    return `${path} -`;
  }
}
