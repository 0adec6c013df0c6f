import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createForwarder } from '../../../agent/outputs/forwarder.ts';
import { type Bench, bodyOf, range, until } from '../../unit/support/delivery.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The block of docs/client.md behind a mark, for a collector that listens elsewhere. */
export function exampleOf(mark: 'node' | 'python', address: string): string {
  const document = readFileSync(`${ROOT}docs/client.md`, 'utf8');
  const [, block] = new RegExp(`<!-- test: ${mark} -->\n\`\`\`\\w+\n([^]*?)\n\`\`\``).exec(document) ?? [];
  if (block === undefined || !block.includes('127.0.0.1:5065')) throw new Error(`no example for ${mark}`);
  return block.replace('127.0.0.1:5065', address);
}

/** A collector in which five alerts are stored, every other of them of bash, and a way to store more. */
export async function startFilled(bench: Bench, dataDir = bench.folder(), listen = '127.0.0.1:0') {
  const collector = await bench.collector({ dataDir, listen });
  const { address } = collector;
  const spool = bench.spool();
  const forwarder = createForwarder({ spool, address, agentId: 'node-1', hostname: 'host-1', version: 't' });
  bench.onEnd(() => forwarder.stop());
  let next = 0;
  const store = async (count: number) => {
    const from = next;
    next += count;
    await spool.append(
      range(from, next).map((number) =>
        bodyOf(number, { context: { 'proc.name': number % 2 === 0 ? 'bash' : 'cat' } }),
      ),
    );
    await until(() => forwarder.stats().acknowledged === next, 'all is stored');
  };
  await store(5);
  return { address, store, stop: () => collector.stop() };
}

/** A program that runs until the test ends, and its lines so far. */
export function runExample(bench: Bench, command: string, words: readonly string[], cwd: string, env = {}) {
  const child: ChildProcess = spawn(command, words, { cwd, env: { ...process.env, ...env } });
  bench.onEnd(() => child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const lines = () => said.stdout.split('\n').slice(0, -1);
  const saidLines = async (count: number) => {
    await until(() => lines().length >= count || child.exitCode !== null, `${count} lines`, 20_000);
    if (child.exitCode !== null) throw new Error(`the example ended: ${said.stderr}`);
    return lines();
  };
  return { saidLines };
}
