import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** What a victim did, by its own account. */
export interface Truth {
  readonly pid: number;
  /** The file that it read. */
  readonly file: string;
  /** Where it connected to. */
  readonly port: number;
  /** Program and arguments of the process that it became. */
  readonly command: string;
}

/**
 * A shell that opens a file, connects to a port of this machine and then becomes another program: an openat, a connect
 * and an execve, all in one process. The token makes the file's name its own.
 */
export async function runVictim(folder: string, token: string): Promise<Truth> {
  const server = createServer((socket) => socket.end());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const file = join(folder, `secret-${token}`);
  writeFileSync(file, 'a secret');
  const script = `exec 3<'${file}'; exec 4<>/dev/tcp/127.0.0.1/${port}; echo $$; exec /bin/echo ${token}`;
  try {
    const pid = Number((await outputOf('/bin/bash', ['--norc', '-c', script])).split('\n')[0]);
    return { pid, file, port, command: `echo ${token}` };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

export const victimRuleNames = ['The file is opened', 'The port is connected to', 'The program is run'] as const;

/** Rules that tell of exactly these acts. */
export function victimRules(folder: string, token: string): string {
  return `
- rule: The program is run
  desc: test
  condition: evt.type = execve and evt.res = SUCCESS and proc.args = ${token}
  output: run (command=%proc.cmdline pid=%proc.pid parent=%proc.ppid)
  priority: WARNING
  tags: [test]
- rule: The file is opened
  desc: test
  condition: evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.name = ${folder}/secret-${token}
  output: opened (file=%fd.name pid=%proc.pid result=%evt.res)
  priority: ERROR
- rule: The port is connected to
  desc: test
  condition: evt.type = connect and fd.rport != 0 and proc.cmdline contains ${token}
  output: connected (port=%fd.rport ip=%fd.rip protocol=%fd.l4proto pid=%proc.pid)
  priority: NOTICE
`;
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${program} ended with ${code}`))));
  });
}
