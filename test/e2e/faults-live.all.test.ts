import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { liveTest } from '../kernel/support/live.ts';
import { Bench, range, until } from '../unit/support/delivery.ts';
import { startNumberedOpens } from './support/numbered-opens.ts';
import { Program } from './support/program.ts';

function lines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => /^\{.*"uuid":"([^"]+)"\}$/.exec(line)?.[1] ?? []);
}

liveTest(
  'what a live agent has shown is at the subscriber once and in order, however often either side is killed',
  async () => {
    const bench = new Bench();
    try {
      const folder = bench.folder();
      const rules = join(folder, 'rules.yaml');
      writeFileSync(rules, RULES.replace('FOLDER', folder));
      const output = join(folder, 'alerts.jsonl');
      writeFileSync(output, '');
      const listen = `127.0.0.1:${await freePort()}`;
      const start = async (words: readonly string[]) => {
        const program = new Program(words);
        bench.onEnd(() => program.end('SIGKILL'));
        await program.logged('ready');
        return program;
      };
      const startCollector = () =>
        start(['collector', '--listen', listen, '--http', 'none', '--data', join(folder, 'collector')]);
      const startAgent = () =>
        start([
          ...['run', '--rules', rules, '--data', join(folder, 'agent'), '--http', 'none'],
          ...['--output', `file:${output}`, '--collector', listen],
        ]);
      let collector = await startCollector();
      const listener = bench.listen({ address: listen, sinceNs: 0n });
      const opens = startNumberedOpens(folder, 1);
      for (const round of range(0, 3)) {
        const agent = await startAgent();
        const before = lines(output).length;
        await until(() => lines(output).length > before + 150, 'alerts are shown', 30_000);
        const ends = [agent.end('SIGKILL'), ...(round === 1 ? [collector.end('SIGKILL')] : [])];
        await Promise.all(ends);
        if (round === 1) collector = await startCollector();
      }
      await opens.stop();
      const last = await startAgent();
      const shown = lines(output);
      const allArrived = () => {
        const received = new Set(listener.alerts.map(({ uuid }) => uuid));
        return shown.every((uuid) => received.has(uuid));
      };
      await until(allArrived, 'all that was shown arrives', 60_000);
      await last.end();
      const uuids = listener.alerts.map(({ uuid }) => uuid);
      expect(new Set(uuids).size).toBe(uuids.length);
      const numbers = listener.alerts.map(({ outputFields }) =>
        Number(/n-(\d+)$/.exec(String(outputFields['fd.name']))?.[1]),
      );
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(uuids.length).toBeGreaterThan(450);
    } finally {
      await bench.end();
    }
  },
  180_000,
);

const RULES = `
- rule: Numbered
  desc: opens that are counted
  condition: evt.type in (open, openat) and evt.is_open_write = true and fd.name startswith FOLDER/n-
  output: "%fd.name"
  priority: NOTICE
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
