import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { createForwarder } from '../../agent/outputs/forwarder.ts';
import { exportPartition } from '../../collector/evidence/export.ts';
import { type ExportNotice, startExporter } from '../../collector/evidence/exporter.ts';
import { recordsOf } from '../../collector/evidence/remote.ts';
import { recordsAt } from '../../collector/evidence/sources.ts';
import { type Break, Verifier } from '../../collector/evidence/verifier.ts';
import { openStore } from '../../collector/store/store.ts';
import { decodeEnvelope, encodeEnvelope } from '../../proto/envelope.ts';
import { decodeHead } from '../../proto/head.ts';
import { alertOf, Bench, bodyOf, range, until } from '../unit/support/delivery.ts';
import { run } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

const RECORDS = 300;

/** A collector's data folder with alerts of a node, in three batches, each anchored. */
async function dataFolder(): Promise<string> {
  const dataDir = bench.folder();
  const collector = await bench.collector({ dataDir, anchorMs: 50 });
  const listener = bench.listen({ address: collector.address, sinceNs: 0n, allKinds: true });
  const spool = bench.spool();
  const identity = { agentId: 'node-1', hostname: 'host-1', version: 'test' };
  const forwarder = createForwarder({ spool, address: collector.address, ...identity });
  bench.onEnd(() => forwarder.stop());
  const anchors = () =>
    listener.items.filter((item) => item.type === 'record' && item.envelope.body.type === 'anchor').length;
  for (const part of range(0, 3)) {
    const before = anchors();
    await spool.append(range(part * 100, part * 100 + 100).map((number) => bodyOf(number)));
    await until(() => anchors() > before && forwarder.stats().acknowledged === part * 100 + 100, 'an anchor');
  }
  await forwarder.stop();
  await collector.stop();
  return dataDir;
}

async function verify(path: string, key?: string) {
  const verifier = new Verifier(key);
  const found: Break[] = [];
  for await (const item of recordsAt(path)) {
    if ('evidence' in item) verifier.add(item.evidence);
    else found.push(item);
  }
  const verdict = verifier.finish();
  return { ...verdict, breaks: [...found, ...verdict.breaks] };
}

function partitionIn(dataDir: string): string {
  const folder = join(dataDir, 'collector-records');
  const name = readdirSync(folder).find((each) => /^[\d-]+\.db$/.test(each)) ?? '';
  return join(folder, name);
}

/** Whoever has the files can write what he likes. */
function tamper(dataDir: string, work: (database: Database.Database) => void): void {
  const database = new Database(partitionIn(dataDir));
  work(database);
  database.close();
}

function copyOf(dataDir: string): string {
  const copy = bench.folder();
  const name = partitionIn(dataDir).split('/').at(-1) ?? '';
  for (const suffix of ['', '-wal']) {
    try {
      copyFileSync(partitionIn(dataDir) + suffix, join(copy, name + suffix));
    } catch {
      // There is no write-ahead log after a clean end.
    }
  }
  return copy;
}

const what = ({ breaks }: { readonly breaks: readonly Break[] }) => breaks.map((each) => each.what);

test('what a collector stored is whole and unaltered, and signed to the end', async () => {
  const dataDir = await dataFolder();
  const verdict = await verify(dataDir);
  expect(verdict).toMatchObject({ breaks: [], breakCount: 0, toldLost: 0 });
  expect(verdict.records).toBeGreaterThanOrEqual(RECORDS + 3);
  expect(verdict.anchors).toBeGreaterThanOrEqual(3);
  // The last anchor itself is all that nobody has signed.
  expect(verdict.unanchored).toBeLessThanOrEqual(1);
  expect(statSync(join(dataDir, 'evidence.key')).mode & 0o777).toBe(0o600);
  const other = await verify(dataDir, '00'.repeat(32));
  expect(what(other)[0]).toContain('an anchor is signed with the key');
  const cli = await run('verify', dataDir, '--key', join(dataDir, 'evidence.pub'));
  expect(cli).toMatchObject({ code: 0, stderr: '' });
  expect(cli.stdout).toContain('whole and unaltered');
});

test('a record that was altered, taken out, cut off or made anew is named', async () => {
  const dataDir = await dataFolder();
  const path = () => {
    const copy = copyOf(dataDir);
    return { copy, file: join(copy, readdirSync(copy).find((name) => name.endsWith('.db')) ?? '') };
  };
  const change = async (work: (database: Database.Database) => void) => {
    const { copy, file } = path();
    const database = new Database(file);
    work(database);
    database.close();
    return verify(copy);
  };
  const rows = (database: Database.Database) =>
    database.prepare("SELECT id, sequence, body FROM record WHERE agent = 'node-1' ORDER BY id").all() as {
      id: number;
      sequence: number;
      body: Buffer;
    }[];

  const altered = await change((database) => {
    const row = rows(database)[150];
    const body = Buffer.from(row?.body ?? []);
    body.write('bosh', body.indexOf('bash'));
    database.prepare('UPDATE record SET body = ? WHERE id = ?').run(body, row?.id);
  });
  expect(what(altered)).toEqual([expect.stringMatching(/^record 152 of node-1 .* does not follow the one before it/)]);

  const removed = await change((database) =>
    database.prepare('DELETE FROM record WHERE sequence = 151 AND agent = ?').run('node-1'),
  );
  expect(what(removed)).toEqual([
    expect.stringMatching(/^ids \d+ to \d+ are missing/),
    expect.stringMatching(
      /^records 151 to 151 of node-1 .* are missing; 1 are missing in all, of which the agent told 0/,
    ),
  ]);

  const column = await change((database) =>
    database.prepare("UPDATE record SET rule = 'Nothing' WHERE sequence = 7 AND agent = 'node-1'").run(),
  );
  expect(what(column)).toEqual(['the columns say something else than the record']);

  // The chain is made anew from the altered record on: only the anchors know.
  const forged = await change((database) => {
    let hash: Uint8Array | undefined;
    for (const { id, sequence, body } of rows(database)) {
      if (sequence < 250) {
        hash = createHash('sha256').update(body).digest();
        continue;
      }
      const envelope = decodeEnvelope(body);
      const alert = sequence === 250 ? alertOf(249, { output: 'nothing happened' }) : undefined;
      const said = alert === undefined ? envelope.body : { type: 'alert' as const, alert };
      if (said.type !== 'alert') throw new Error('an alert was expected');
      const bytes = encodeEnvelope({ ...envelope, previousHash: hash ?? new Uint8Array() }, said);
      hash = createHash('sha256').update(bytes).digest();
      database.prepare('UPDATE record SET body = ? WHERE id = ?').run(bytes, id);
    }
  });
  expect(what(forged)).toEqual([
    expect.stringMatching(/^record 300 of node-1 .* was altered: it was signed with another hash/),
  ]);

  const cut = await change((database) => {
    database.prepare("DELETE FROM record WHERE sequence > 290 AND agent = 'node-1'").run();
  });
  expect(what(cut).some((each) => /^record 300 of node-1 .* was signed and is missing/.test(each))).toBe(true);

  const signature = await change((database) => {
    const anchors = database.prepare('SELECT id, body FROM record WHERE kind = 17').all() as {
      id: number;
      body: Buffer;
    }[];
    const body = Buffer.from(anchors[0]?.body ?? []);
    body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
    database.prepare('UPDATE record SET body = ? WHERE id = ?').run(body, anchors[0]?.id);
  });
  expect(what(signature)[0]).toContain('the signature of an anchor is wrong');
});

test('the command names the first break and ends with 1', async () => {
  const dataDir = await dataFolder();
  tamper(dataDir, (database) => {
    database.prepare("UPDATE record SET body = x'0a' WHERE sequence = 100 AND agent = 'node-1'").run();
  });
  const cli = await run('verify', dataDir);
  expect(cli.code).toBe(1);
  expect(cli.stdout.split('\n')[0]).toMatch(/^\d{4}-\d\d-\d\d.db, id 10\d: bytes that are no record$/);
  expect(cli.stdout).toContain('the first is named first');
  const ends = await Promise.all([
    run('verify', '/nonexistent'),
    run('verify'),
    run('verify', dataDir, '--address', '127.0.0.1:1'),
    run('verify', '--address', '127.0.0.1:1'),
    run('verify', dataDir, '--key', '/dev/null'),
  ]);
  expect(ends.map(({ code }) => code)).toEqual([3, 2, 2, 3, 2]);
});

test('exported partitions hold the same evidence, and a file that was cut or altered does not', async () => {
  const dataDir = await dataFolder();
  const folder = bench.folder();
  const cli = await run('export', dataDir, folder, '--all');
  expect(cli).toMatchObject({ code: 0, stderr: '' });
  const [path = '', count] = cli.stdout.trim().split(' ');
  expect(await verify(folder)).toEqual({ ...(await verify(dataDir)), breaks: [] });
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  expect(lines.length).toBe(Number(count) + 2);
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({
    agent: 'node-1',
    sequence: 1,
    alert: { rule: alertOf(0).rule, output: alertOf(0).output },
  });
  const withLines = async (changed: readonly string[]) => {
    writeFileSync(path, gzipSync(`${changed.join('\n')}\n`));
    return what(await verify(path));
  };
  expect(await withLines(lines.slice(0, -1))).toEqual(['the file has no last line: it was cut short']);
  expect((await withLines([...lines.slice(0, 50), ...lines.slice(51)]))[0]).toMatch(/records; the last line tells of/);
  expect(await withLines([...lines.slice(0, 50), '{}', ...lines.slice(50)])).toEqual(['the line is no record']);
  writeFileSync(path, readFileSync(path).subarray(0, 1000));
  expect((await run('verify', path)).code).toBe(4);
});

test('a collector that runs gives the same evidence', async () => {
  const collector = await bench.collector({ anchorMs: 50 });
  const spool = bench.spool();
  const identity = { agentId: 'node-1', hostname: 'host-1', version: 'test' };
  const forwarder = createForwarder({ spool, address: collector.address, ...identity });
  bench.onEnd(() => forwarder.stop());
  await spool.append(range(0, 100).map((number) => bodyOf(number)));
  await until(() => forwarder.stats().acknowledged === 100, 'all are stored');
  const verifier = new Verifier();
  let records = 0;
  for await (const evidence of recordsOf(collector.address, {})) {
    verifier.add(evidence);
    records++;
  }
  expect(records).toBeGreaterThanOrEqual(100);
  expect(verifier.finish()).toMatchObject({ breaks: [], records });
});

test('what is closed is exported by itself, and not dropped before', async () => {
  const { store } = openStore(join(bench.folder(), 'collector.db'));
  bench.onEnd(() => store.close());
  for (const day of [1n, 2n]) {
    const body = encodeEnvelope(
      { agentId: 'n', bootId: 'b', epoch: 1n, sequence: Number(day), previousHash: new Uint8Array() },
      bodyOf(Number(day)),
    );
    store.append(
      [{ ...decodeHead(body), storedNs: 20_000n * 86_400_000_000_000n + day * 86_400_000_000_000n, body }],
      [],
    );
  }
  const [first, second] = store.partitions();
  if (first === undefined || second === undefined) throw new Error('two partitions were expected');
  const folder = join(bench.folder(), 'new');
  const notices: ExportNotice[] = [];
  const exporter = startExporter({ store, folder, onNotice: (notice) => notices.push(notice) });
  expect([exporter.mayDrop(first), exporter.mayDrop(second)]).toEqual([false, false]);
  await until(() => exporter.mayDrop(first), 'the first is exported');
  await exporter.stop();
  expect(notices).toEqual([{ kind: 'exported', path: join(folder, '2024-10-05.jsonl.gz'), records: 1 }]);
  expect(exporter.mayDrop(second)).toBe(false);
  expect(await verify(folder)).toMatchObject({ records: 1, breaks: [] });
});

test('a partition is exported whole or not at all', async () => {
  const { store } = openStore(join(await dataFolder(), 'collector.db'));
  bench.onEnd(() => store.close());
  const [partition] = store.partitions();
  if (partition === undefined) throw new Error('no partition');
  const folder = bench.folder();
  const failing = {
    after: (id: number, limit: number) => {
      if (id > 100) throw new Error('the disk is gone');
      return store.after(id, Math.min(limit, 50));
    },
  };
  await expect(exportPartition(failing, partition, folder)).rejects.toThrow('the disk is gone');
  expect(readdirSync(folder).filter((name) => !name.endsWith('.part'))).toEqual([]);
  await exportPartition(store, partition, folder);
  expect(readdirSync(folder)).toEqual([partition.name.replace(/db$/, 'jsonl.gz')]);
});

test('records that an agent dropped and told are no break', () => {
  const verifier = new Verifier();
  let hash: Uint8Array = new Uint8Array();
  const add = (sequence: number, body: Parameters<typeof encodeEnvelope>[1]) => {
    const bytes = encodeEnvelope({ agentId: 'n', bootId: 'b', epoch: 5n, sequence, previousHash: hash }, body);
    hash = createHash('sha256').update(bytes).digest();
    return { place: String(sequence), storedNs: 1n, bytes };
  };
  const made = range(1, 11).map((sequence) => add(sequence, bodyOf(sequence)));
  const gap = add(11, { type: 'gap', gap: { stage: 'spool', cause: 'spool-limit', fromNs: 0n, toNs: 0n, count: 4n } });
  for (const evidence of [...made.slice(0, 3), ...made.slice(7), gap]) verifier.add(evidence);
  expect(verifier.finish()).toMatchObject({ breaks: [], toldLost: 4, records: 7 });
});
