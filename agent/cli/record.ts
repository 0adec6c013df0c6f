import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../lib/duration.ts';
import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { createLog } from '../log.ts';
import { type Recording, startRecording } from '../recording.ts';
import { command } from './command.ts';
import { readConfiguration } from './configuration.ts';
import { keepMemorySmall } from './memory.ts';
import { startInterruptibly } from './signals.ts';
import { version } from './version.ts';

interface Flags {
  readonly output: string;
  readonly for?: number;
  readonly config?: string;
}

const EXAMPLE = `atalaya record -o suspicious.cap --for 30s
atalaya record -o install.cap -- npm install left-pad`;

export function create(): Command {
  return command('record', "write this node's events to a file, to be replayed later", EXAMPLE)
    .argument('[command...]', 'runs it and ends with it; all of the node is recorded meanwhile')
    .requiredOption('-o, --output <file>', 'the capture; it holds command lines and environments, secrets among them')
    .option('--for <duration>', 'ends after it: 500ms, 30s, 10m, 1h', toDuration)
    .option('--config <file>', 'configuration (YAML)')
    .action(record);
}

function toDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('expected a number and a unit: 500ms, 30s, 10m, 1h');
  return ms;
}

async function record(words: readonly string[], { output, for: durationMs, config: file }: Flags): Promise<void> {
  if (words[0] !== undefined) assertProgram(words[0]);
  keepMemorySmall();
  const { config, warnings } = readConfiguration({ file });
  const log = createLog(config.log.level);
  for (const { place, message } of warnings) log.warn({ place }, message);
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const { started: recording, asked } = await startInterruptibly(() =>
    startRecording({ path: output, config, version: version(), log, onError: (error) => fail(error) }),
  );
  const startedMs = Date.now();
  log.info({ file: output, kinds: recording.kinds, hookPlan: recording.hookPlan }, 'ready');
  const ends: Promise<unknown>[] = [asked, failed];
  if (durationMs !== undefined) ends.push(new Promise((resolve) => setTimeout(resolve, durationMs).unref()));
  const child = words.length === 0 ? undefined : runCommand(words);
  if (child !== undefined) ends.push(child.ended);
  try {
    await Promise.race(ends);
  } finally {
    child?.leave();
    await recording.stop();
  }
  process.stderr.write(`${summary(output, recording, Date.now() - startedMs)}\n`);
}

/** Before anything is recorded. Throws E_USAGE for what no folder of PATH has, or what may not be run. */
function assertProgram(program: string): void {
  const folders = program.includes('/') ? [''] : (process.env['PATH'] ?? '').split(':').map((folder) => folder || '.');
  if (!folders.some((folder) => isRunnable(join(folder, program)))) {
    const found = program.includes('/')
      ? 'is no file that can be run'
      : 'is in no folder of PATH as a file that can be run';
    throw new AtalayaError('E_USAGE', safeLine(`${program} ${found}; expected a program and its arguments after --`));
  }
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What the command writes goes where ours goes. `leave` asks it to end and does not wait for it. */
function runCommand([program = '', ...args]: readonly string[]): { readonly ended: Promise<void>; leave(): void } {
  const child = spawn(program, args, { stdio: 'inherit' });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new AtalayaError('E_USAGE', `${program} cannot be run: ${cause.message}`, { cause })),
    );
    child.once('exit', () => resolve());
  });
  return {
    ended,
    leave: () => {
      child.kill('SIGTERM');
      child.unref();
    },
  };
}

function summary(path: string, recording: Recording, ms: number): string {
  const { events, bytes } = recording.stats();
  const lost = recording.lost();
  return `recorded ${events} events in ${(ms / 1000).toFixed(1)} s to ${path} (${(bytes / 1024).toFixed(0)} KiB); ${lost} lost`;
}
