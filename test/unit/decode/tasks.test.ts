import { expect, test } from 'vitest';
import { createBatchReader } from '../../../agent/decode/batch.ts';
import type { TaskFacts } from '../../../agent/events/event.ts';
import { buildBatch, buildRecord } from '../support/record-builder.ts';

function read(...records: readonly Buffer[]) {
  const reader = createBatchReader({ machine: 'x86_64', wallOffsetNs: 0n });
  const seen: unknown[] = [];
  reader.forEachTask(buildBatch(...records), (task: TaskFacts) =>
    seen.push([task.pid, task.comm, task.image.args, task.image.cwd, task.image.exe.path, task.image.capPermitted]),
  );
  return { seen, counts: reader.counts };
}

test('reads processes that were there before', () => {
  const exe = { path: '/usr/sbin/nginx', mode: 0o100755 };
  const nginx = buildRecord(
    'task',
    { pid: 7, comm: 'nginx' },
    { exe, args: 'nginx: worker\0\0\0\0', cwd: '/', capPermitted: 1n << 40n },
  );
  const kernel = buildRecord('task', { pid: 2, comm: 'kthreadd' });
  expect(read(kernel, nginx).seen).toEqual([
    [2, 'kthreadd', undefined, undefined, '', 0],
    [7, 'nginx', ['nginx: worker'], '/', '/usr/sbin/nginx', 2 ** 40],
  ]);
});

test('an event among them is counted as what it is not', () => {
  const { seen, counts } = read(buildRecord('unlink', {}, { name: '/x' }), buildRecord('task', { pid: 3, comm: 'x' }));
  expect(seen.length).toBe(1);
  expect(counts.malformed).toBe(1);
});
