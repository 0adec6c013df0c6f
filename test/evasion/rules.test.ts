import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { findCgroupMount } from '../../agent/pipeline/cgroup-mount.ts';
import { Program } from '../e2e/support/program.ts';
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

/** The same, in a container. */
const CONTAINER_ACTS: readonly Act[] = [
  {
    does: 'a link to unshare',
    script: 'ln -s /usr/bin/unshare $W/x; $W/x -u true',
    told: ['Namespace changed in a container'],
  },
  {
    does: 'a copy of mount',
    script: 'mkdir $W/m; cp /usr/bin/mount $W/runc; $W/runc -t tmpfs none $W/m; umount $W/m',
    told: ['File system mounted in a container'],
  },
  {
    does: 'a link to a package manager',
    script: 'ln -s /usr/bin/dpkg $W/helper; $W/helper --version',
    told: ['Package manager run in a container'],
  },
  {
    does: 'a copy under the name of a cluster tool',
    script: 'cp /bin/true $W/kubectl; $W/kubectl',
    told: ['Cluster tool run in a container'],
  },
  {
    does: "a job for the host's cron through a mount",
    script: 'mkdir -p $W/host/etc/cron.d; echo x > $W/x.cron; mv $W/x.cron $W/host/etc/cron.d/x',
    told: ['Files of the host changed through a mount in a container'],
  },
  {
    does: 'a path through another root',
    script: 'cd /proc; cat self/root/etc/hostname; cat $$/root/etc/hostname',
    told: ['Root directory of another process entered from a container'],
  },
];

test('our rules see through other names, links, relative paths and tricks with arguments', async () => {
  const { agent, folder } = await startAgent();
  expect(await untoldOf(ACTS, agent, folder, '')).toEqual([]);
}, 120_000);

test('they do so in containers', async () => {
  const { agent, folder, cgroups } = await startAgent();
  const mount = findCgroupMount(readFileSync('/proc/self/mountinfo', 'latin1'), cgroups);
  const cgroup = join(mount ?? '/sys/fs/cgroup', 'docker', '7c1d'.repeat(16));
  mkdirSync(cgroup, { recursive: true });
  bench.onEnd(() => {
    rmdirSync(cgroup);
    try {
      rmdirSync(join(cgroup, '..'));
    } catch {
      // It was there before, with containers in it.
    }
  });
  expect(await untoldOf(CONTAINER_ACTS, agent, folder, `echo $$ > ${cgroup}/cgroup.procs\n`)).toEqual([]);
}, 120_000);

async function startAgent() {
  const folder = bench.folder();
  const data = join(folder, 'data');
  const agent = new Program(['run', '--collector', 'none', '--http', 'none', '--data', data, '--output', 'stdout']);
  bench.onEnd(() => agent.end());
  const { cgroups } = await agent.logged('ready');
  return { agent, folder, cgroups: String(cgroups) };
}

/** Does the acts one after another and says what no rule told of. */
async function untoldOf(acts: readonly Act[], agent: Program, folder: string, before: string): Promise<string[]> {
  const port = await listen();
  const untold: string[] = [];
  for (const [place, act] of acts.entries()) {
    const script = join(folder, `act${place}.sh`);
    // A script's path stands in the command line of its shell, and in that of the parent of what it starts.
    writeFileSync(script, `${before}W=${folder}\nPORT=${port}\n${act.script}\n`);
    await once(spawn('/bin/bash', ['--norc', script], { stdio: 'ignore', cwd: '/' }), 'close');
    const told = (): Set<string> =>
      new Set(agent.alerts.filter(({ output }) => output.includes(script)).map(({ rule }) => rule));
    await until(() => act.told.every((rule) => told().has(rule)), act.does).catch(() => {
      untold.push(`${act.does}: ${act.told.filter((rule) => !told().has(rule)).join(', ')}`);
    });
  }
  return untold;
}

async function listen(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end());
  bench.onEnd(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
