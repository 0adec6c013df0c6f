// Records the capture of the demonstration: node record-demo.js ACTS CAPTURE
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '../../../agent/cli/configuration.ts';
import { createBatchReader } from '../../../agent/decode/batch.ts';
import { createLog } from '../../../agent/log.ts';
import { findCgroupMount } from '../../../agent/pipeline/cgroup-mount.ts';
import { startRecording } from '../../../agent/recording.ts';
import type { CaptureHeader } from '../../../agent/sources/capture/header.ts';
import { readCapture } from '../../../agent/sources/capture/reader.ts';
import { createRecorder } from '../../../agent/sources/capture/recorder.ts';

const CONTAINER = '4e2c8ad0b1f94c6f8d3e5a7b9c0d1e2f3a4b5c6d7e8f90123456789abcdef012';

const [acts = '', target = ''] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'demo-'));
try {
  const whole = join(folder, 'whole.cap');
  const pid = await recordActs(whole);
  await writePart(whole, pid, `${target}.part`);
  renameSync(`${target}.part`, target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Records the whole machine while the acts are done; gives the pid of their shell. */
async function recordActs(path: string): Promise<number> {
  const { config } = readConfiguration({ env: {} });
  const fail = (error: Error): void => {
    throw error;
  };
  const recording = await startRecording({ path, config, version: 'demo', log: createLog('warn'), onError: fail });
  const mount = findCgroupMount(readFileSync('/proc/self/mountinfo', 'latin1'), recording.cgroups);
  const cgroup = join(mount ?? '/sys/fs/cgroup', 'docker', CONTAINER);
  mkdirSync(cgroup, { recursive: true });
  try {
    return await runActs(cgroup);
  } finally {
    await recording.stop();
    rmdirSync(cgroup);
    try {
      rmdirSync(join(cgroup, '..'));
    } catch {
      // It was there before, with containers in it.
    }
  }
}

async function runActs(cgroup: string): Promise<number> {
  const server = createServer((socket) => socket.resume());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const work = join(folder, 'shop');
  mkdirSync(work);
  writeFileSync(join(work, 'acts.sh'), readFileSync(acts));
  // The shell waits until it is in the container's cgroup.
  const script = `read -r; exec bash --norc ${join(work, 'acts.sh')} ${work} ${port} </dev/null`;
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const child = spawn('/bin/bash', ['--norc', '-c', script], { env, cwd: work, stdio: ['pipe', 'ignore', 'inherit'] });
  const pid = child.pid ?? 0;
  appendFileSync(join(cgroup, 'cgroup.procs'), String(pid));
  child.stdin?.end('\n');
  const code = await new Promise((resolve) => child.once('close', resolve));
  server.close();
  if (code !== 0) throw new Error(`the acts ended with ${code}`);
  return pid;
}

/** Of a capture, what one process and its descendants did: nothing else of the machine may become public. */
async function writePart(whole: string, root: number, path: string): Promise<void> {
  const family = new Set([root]);
  let recorder: Awaited<ReturnType<typeof createRecorder>> | undefined;
  let reader: ReturnType<typeof createBatchReader> | undefined;
  for (const item of readCapture(whole)) {
    if (item.type === 'header') {
      recorder = await createRecorder(path, anonymous(item.header));
      reader = createBatchReader({ machine: item.header.machine, wallOffsetNs: 0n });
    } else if (item.type === 'facts') {
      for (const fact of item.facts) {
        if (fact.kind === 'cgroup' && fact.path.endsWith(CONTAINER)) recorder?.fact(fact);
      }
    } else if (item.type === 'events') {
      const records: Buffer[] = [];
      reader?.forEach(item.buffer, (event) => {
        if (!family.has(event.pid)) return;
        if (event.child !== undefined) family.add(event.child.pid);
        records.push(reader?.snapshot() ?? Buffer.alloc(0));
      });
      await recorder?.batch({ buffer: Buffer.concat(records), gaps: [] }, records.length, item.wallOffsetNs);
    } else if (item.type === 'gap') throw new Error('events were lost; record again');
  }
  await recorder?.close();
}

function anonymous(header: CaptureHeader): CaptureHeader {
  return {
    ...header,
    hostname: 'demo',
    kernel: header.kernel.replace(/[^0-9.].*$/, ''),
    passwd: 'root:x:0:0:root:/root:/bin/bash\n',
    group: 'root:x:0:\n',
    services: '',
  };
}
