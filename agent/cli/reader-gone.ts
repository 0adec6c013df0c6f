import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/**
 * Calls back when a pipe on standard output has no reader any more. A writer learns of that when it writes; one that has
 * nothing to say would stay for ever, and Node.js cannot poll for it. GNU tail can: given the same pipe it ends by SIGPIPE
 * when the reader goes, and by itself when this process is gone. Where there is no such tail, only writing tells.
 * Returns what ends the watch.
 */
export function onReaderGone(gone: () => void): () => void {
  if (!fstatSync(1).isFIFO()) return () => {};
  const watcher = spawn('tail', ['--follow', `--pid=${process.pid}`, '--sleep-interval=0.2', '/dev/null'], {
    stdio: ['ignore', 1, 'ignore'],
  });
  watcher.on('error', () => {});
  watcher.on('exit', (_, signal) => signal === 'SIGPIPE' && gone());
  watcher.unref();
  return () => watcher.kill();
}
