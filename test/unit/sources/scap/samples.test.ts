import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { scapOptions } from '../../../../agent/pipeline/scap.ts';
import { isScapFile } from '../../../../agent/sources/scap/detect.ts';
import { readScapFile } from '../../../../agent/sources/scap/source.ts';
import { replayed } from './support/replayed.ts';

const WORLD = { services: new Map<number, string>(), utcOffsetMinutes: () => 0 };
const path = (name: string): string =>
  fileURLToPath(new URL(`../../../data/scap/samples/${name}.scap`, import.meta.url));

/**
 * Events in the file, and what the newest reader of the format drops of them: enter events that are kept for their exit
 * events. It still gives the enter events of opens and connects, which are joined here: the third number.
 */
test.each([
  ['falco-cat_write', 345, 38, 4],
  ['falco-connect_localhost', 374, 3, 1],
  ['falco-open-multiple-files', 1272, 29, 13],
  ['falco-run_as_user_65534_container', 241, 0, 1],
  ['falco-syscall', 368, 2, 4],
  ['libs-curl_google', 1536, 545, 52],
  ['libs-curl_google_comments', 1536, 545, 52],
  ['libs-single_ipv6_conn', 1728, 11, 3],
  ['written-exit-only', 26, 0, 0],
  ['written-universal-pairs', 48, 19, 3],
])('%s is read to its end', async (name, events, dropped, joinedMore) => {
  const { capture, error } = await readScapFile(
    path(name),
    scapOptions(WORLD, () => {}),
  );
  expect(error).toBeUndefined();
  const { joined, given, internal } = capture.counts;
  expect(capture.blocks).toMatchObject({ sections: 1, events, unknownBlocks: 0, unknownEvents: 0 });
  expect({ joined, total: joined + given + internal }).toEqual({ joined: dropped + joinedMore, total: events });
  expect(isScapFile(path(name))).toBe(true);
});

test('events in two halves and events in one mean the same', () => {
  const fields = ['evt.type', 'evt.args', 'evt.res', 'fd.name', 'fd.type', 'proc.cmdline', 'proc.exepath', 'proc.cwd'];
  const pairs = replayed(plain('written-universal-pairs'), ...fields);
  const exits = replayed(plain('written-exit-only'), ...fields);
  // One has the file name in the enter event of its exec, the other has dup2 in the place of dup.
  const isSame = pairs.map((row, place) => String(row) === String(exits[place]));
  expect(pairs.filter((_, place) => !isSame[place]).map(([type]) => type)).toEqual(['execve', 'dup']);
  expect(pairs).toHaveLength(exits.length);
});

test('options of pcapng beside the events change nothing', () => {
  const fields = ['evt.type', 'evt.args', 'proc.name', 'fd.name'];
  const commented = replayed(plain('libs-curl_google_comments'), ...fields);
  expect(commented).toEqual(replayed(plain('libs-curl_google'), ...fields));
});

function plain(name: string): Buffer {
  const bytes = readFileSync(path(name));
  return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
}
