import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BlockReader } from '../../../../agent/sources/scap/block-reader.ts';
import { Converter } from '../../../../agent/sources/scap/converter.ts';
import { EnterBudget, EnterStore } from '../../../../agent/sources/scap/enter-store.ts';
import { Window } from '../../../../agent/sources/scap/window.ts';

const LIMIT_BYTES = 1 << 24;
const nothing = (): void => {};

/** Each event in its newest form: time, thread, code, number of parameters and their bytes. */
function converted(bytes: Buffer): string[] {
  const lines: string[] = [];
  const converter = new Converter();
  const stores = new Map<number, EnterStore>();
  const budget = new EnterBudget(LIMIT_BYTES);
  const storeOf = (tid: number): EnterStore => {
    const store = stores.get(tid) ?? new EnterStore(budget);
    stores.set(tid, store);
    return store;
  };
  const window = new Window(LIMIT_BYTES);
  const sink = {
    section: nothing,
    machine: nothing,
    process: nothing,
    fd: nothing,
    networkInterface: nothing,
    user: nothing,
    group: nothing,
    stateComplete: nothing,
  };
  const reader = new BlockReader(
    window,
    {
      ...sink,
      event: (frame) => {
        const { timeNs, tid } = frame;
        if (!converter.convert(frame, storeOf(tid))) return;
        const values = Array.from({ length: frame.count }, (_, place) => {
          const at = frame.offsets[place] ?? 0;
          return frame.buffer.toString('hex', at, at + (frame.lengths[place] ?? 0)) || '-';
        });
        lines.push(`${timeNs} ${tid} ${frame.code} ${frame.count} ${values.join(' ')}\n`);
      },
    },
    LIMIT_BYTES,
  );
  window.append(bytes);
  reader.run();
  reader.finish();
  return lines;
}

/** Number of events and SHA-256 of their lines, by another program that does what the format's description says. */
test.each([
  ['falco-cat_write.scap', 303, '7a82d78155fb967bb6632f3b7b6cc0b44c702eaee6c9bf21a49cd13cdd5baec0'],
  ['falco-connect_localhost.scap', 370, '105a38138723651cea4e51b907d4d1f62983961efdbec7357e9538641948f3e1'],
  ['falco-open-multiple-files.scap', 1230, 'fb4218098e4a12ff74e1c787b07365ec3330cca27f050c07ad37d785276814d9'],
  ['falco-run_as_user_65534_container.scap', 240, 'e8ae4297a2bc82de409b468a45c8abc4a565624d1d1f1d20f4c76f749f159192'],
  ['falco-syscall.scap', 362, '7f1915798d4a4bffc4e3dc08ec00124041c438c8fb6dc184a9613720eab36393'],
  ['libs-curl_google.scap', 939, '30b552237b6e4806fc407e62ac5eed126d21a0e3f1423c1513451848e00cb8a6'],
  ['libs-curl_google_comments.scap', 939, '30b552237b6e4806fc407e62ac5eed126d21a0e3f1423c1513451848e00cb8a6'],
  ['libs-single_ipv6_conn.scap', 1714, '5cb76f97d65594f7e8653a142d64e8cfdef9a6020af51c068038c5decad32c1e'],
  ['written-exit-only.scap', 26, '80b4847dbcd608e36def860bbbe11333491a7dda966fd7e56cc2576d224169a6'],
  ['written-universal-pairs.scap', 26, '329bd46119f8a2d84ef2eeb7e91d3b039adee6e4e203ec3277723c449e51154e'],
  ['attacks-container.scap', 16372, 'c5a6b81fb5b17953841da97767b974039e91d95452d4f95c485c0400eea6db11'],
  ['file-mix.scap', 11098, '7ac890a9db77fa5636f478b5d780fc64c3f323968a0e3151a7aadbd62de0b604'],
  ['net-mix.scap', 8952, 'a2e140f2419105b8d3e2f95b0ea145d03f7e58b1562895f3efb9a1e9c3d2c210'],
])('%s: every event has the newest form of the format', (name, events, digest) => {
  const folder = name.includes('-mix') || name.includes('attacks') ? 'captures-peer' : 'scap/samples';
  const bytes = readFileSync(new URL(`../../../data/${folder}/${name}`, import.meta.url));
  const lines = converted(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
  expect(lines).toHaveLength(events);
  expect(createHash('sha256').update(lines.join('')).digest('hex')).toBe(digest);
});
