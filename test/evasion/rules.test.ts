import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { type AlertLine, Program } from '../e2e/support/program.ts';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench, until } from '../unit/support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** Something done in a way that is meant to go unseen, in shell; $W is a folder, $PORT a port that is listened on. */
interface Act {
  readonly does: string;
  readonly script: string;
  /** The rules that tell of it. */
  readonly told: readonly string[];
}

const ACTS: readonly Act[] = [
  {
    does: 'a link in place of the file',
    script: 'ln -s /etc/shadow $W/notes; cat $W/notes',
    told: ['Link to a password file made', 'Password file read by a program that has no need to'],
  },
  {
    does: 'a path that climbs',
    script: 'cd /usr/lib; cat ../../etc/shadow',
    told: ['Password file read by a program that has no need to', 'Directory climbed out of to a system file'],
  },
  {
    does: 'the name of a trusted program',
    script: 'cp /usr/bin/cat $W/sshd; $W/sshd /etc/shadow',
    told: ['Password file read by a program that has no need to'],
  },
  {
    does: 'the path of a trusted script as an argument',
    script: 'cat /usr/bin/cloud-init /etc/shadow',
    told: ['Password file read by a program that has no need to'],
  },
  {
    does: 'the name of a kernel thread',
    script: "(exec -a '[kworker/0:1]' sleep 0)",
    told: ['Name of a kernel thread taken by a program'],
  },
  {
    does: 'another name for a shell that is hidden',
    script: 'mkdir $W/.x; cp /bin/bash /tmp/.${W##*/}; /tmp/.${W##*/} -c true; rm /tmp/.${W##*/}',
    told: ['Program run from a hidden directory'],
  },
  {
    does: 'a program in shared memory',
    script: 'cp /bin/true /dev/shm/${W##*/}; /dev/shm/${W##*/}; rm /dev/shm/${W##*/}',
    told: ['Program run from shared memory'],
  },
  {
    does: 'the dynamic loader instead of the program',
    script: '$(ls /lib64/ld-linux-*.so.2 /lib/ld-linux-aarch64.so.1 2>/dev/null | head -1) /bin/true',
    told: ['Program run through the dynamic loader'],
  },
  {
    does: 'a link to a search tool',
    script: 'ln -s /usr/bin/find $W/look; $W/look $W -name id_rsa',
    told: ['Private keys or passwords searched for'],
  },
  {
    does: "a shell's own network, moved to its input",
    script: 'exec 5<>/dev/tcp/127.0.0.1/$PORT; true 0<&5',
    told: ['Shell or system tool talks to the network', 'Network connection put in place of standard input or output'],
  },
  {
    does: 'a history that a redirection empties',
    script: 'echo x > $W/.bash_history; : > $W/.bash_history',
    told: ['Shell history removed'],
  },
  {
    does: 'a history that becomes a link',
    script: 'ln -sf /dev/null $W/.zsh_history',
    told: ['Shell history removed'],
  },
  {
    does: 'a startup file that is moved in place',
    script: 'echo x > $W/new; mv $W/new $W/.bashrc',
    told: ['Shell startup file changed'],
  },
  {
    does: 'login keys that are a link to elsewhere',
    script: 'mkdir $W/.ssh; ln -s /tmp/keys $W/.ssh/authorized_keys',
    told: ['SSH login key file changed'],
  },
  {
    does: 'the bit that makes root',
    script: 'cp /bin/true $W/true; chmod 4755 $W/true',
    told: ['Set-user-ID bit set'],
  },
  {
    does: 'memory by another path',
    script: 'exec 6<>/proc/self/mem',
    told: ['Memory of a process opened for writing'],
  },
  {
    does: 'an environment by another path',
    script: 'cat /proc/self/environ',
    told: ['Environment of another process read'],
  },
  {
    does: 'a release_agent that is not there',
    script: ': > $W/none/release_agent',
    told: ['Path for the kernel to call opened for writing'],
  },
];

test('our rules see through other names, links, relative paths and tricks with arguments', async () => {
  const folder = bench.folder();
  const agent = new Program([
    'run',
    '--collector',
    'none',
    '--http',
    'none',
    '--data',
    join(folder, 'data'),
    '--output',
    'stdout',
  ]);
  bench.onEnd(() => agent.end());
  await agent.logged('ready');
  const port = await listen();
  const untold: string[] = [];
  for (const [place, act] of ACTS.entries()) {
    const script = join(folder, `act${place}.sh`);
    // A script's path stands in the command line of its shell, and in that of the parent of what it starts.
    writeFileSync(script, `W=${folder}\nPORT=${port}\n${act.script}\n`);
    await once(spawn('/bin/bash', ['--norc', script], { stdio: 'ignore', cwd: '/' }), 'close');
    const rules = (): Set<string> =>
      new Set(agent.alerts.filter((alert) => isOf(alert, script)).map(({ rule }) => rule));
    await until(() => act.told.every((rule) => rules().has(rule)), act.does).catch(() => {
      untold.push(`${act.does}: ${act.told.filter((rule) => !rules().has(rule)).join(', ')}`);
    });
  }
  expect(untold).toEqual([]);
  await agent.end();
}, 120_000);

function isOf({ output }: AlertLine, script: string): boolean {
  return output.includes(script);
}

async function listen(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end());
  bench.onEnd(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
