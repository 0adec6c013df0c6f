/**
 * `scap-one.js FILE MEASURE [RULE...]`: measures one way of reading a capture and prints a Measured as JSON. With room
 * in the young generation for a whole pass (--min-semi-space-size), the growth of the heap is what the pass allocated;
 * without it passes are faster.
 */
import { readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { gunzipSync } from 'node:zlib';
import type { MatchContext } from '../agent/fields/context.ts';
import { createMatcher } from '../agent/match/matcher.ts';
import { readScapContexts, scapOptions } from '../agent/pipeline/scap.ts';
import { BlockReader, type CaptureSink } from '../agent/sources/scap/block-reader.ts';
import { ScapCapture } from '../agent/sources/scap/capture.ts';
import { Window } from '../agent/sources/scap/window.ts';
import { compiled } from './support/rule-sets.ts';

const PASSES = 100;
const CHUNK_BYTES = 256 * 1024;
const BLOCK_LIMIT_BYTES = 64 << 20;
const WORLD = { services: new Map<number, string>(), utcOffsetMinutes: () => 0 };

export interface Measured {
  /** Events of the capture, enter events too. */
  readonly events: number;
  /** Events in a second of CPU time of all threads, in the best pass: other work on the machine only makes it slower. */
  readonly perSecond: number;
  /** With cold code and an unused rule set. */
  readonly first: number;
  readonly matched: number;
  readonly bytesPerEvent: number;
}

interface Pass {
  readonly events: number;
  readonly matched: number;
}

const nothing = (): void => {};
const NO_SINK: CaptureSink = {
  section: nothing,
  machine: nothing,
  process: nothing,
  fd: nothing,
  networkInterface: nothing,
  user: nothing,
  group: nothing,
  stateComplete: nothing,
  event: nothing,
};

/** Frames, headers and lengths of parameters alone, of bytes that are unpacked already. */
function readAlone(plain: Buffer): Pass {
  const window = new Window(BLOCK_LIMIT_BYTES);
  const reader = new BlockReader(window, NO_SINK, BLOCK_LIMIT_BYTES);
  for (let at = 0; at < plain.length; at += CHUNK_BYTES) {
    window.append(plain.subarray(at, at + CHUNK_BYTES));
    reader.run();
  }
  reader.finish();
  return { events: reader.stats.events, matched: 0 };
}

/** The values of all parameters of all events that are given out. */
function decodeAll(plain: Buffer): Pass {
  const capture = new ScapCapture(
    scapOptions(WORLD, ({ event }) => {
      for (const { name } of event.parameters) event.rawArg(name);
    }),
  );
  for (let at = 0; at < plain.length; at += CHUNK_BYTES) capture.push(plain.subarray(at, at + CHUNK_BYTES));
  capture.end();
  return { events: capture.blocks.events, matched: 0 };
}

/** As `atalaya replay` does: unpack, read, convert, state, match. */
async function replay(path: string, rules: readonly string[]): Promise<() => Promise<Pass>> {
  const files = rules.map((rule) => ({ path: rule, text: readFileSync(rule, 'utf8') }));
  const ruleSet = compiled(files);
  return async () => {
    const matcher = createMatcher<MatchContext>(ruleSet);
    let matched = 0;
    const { capture } = await readScapContexts(path, WORLD, (context) => {
      if (matcher.match(context).length > 0) matched++;
    });
    return { events: capture.blocks.events, matched };
  };
}

/** The same without unpacking, whose buffers would count as allocated. */
function match(plain: Buffer, rules: readonly string[]): () => Pass {
  const ruleSet = compiled(rules.map((rule) => ({ path: rule, text: readFileSync(rule, 'utf8') })));
  return () => {
    const matcher = createMatcher<MatchContext>(ruleSet);
    let matched = 0;
    const capture = new ScapCapture(
      scapOptions(WORLD, (context) => {
        if (matcher.match(context).length > 0) matched++;
      }),
    );
    for (let at = 0; at < plain.length; at += CHUNK_BYTES) capture.push(plain.subarray(at, at + CHUNK_BYTES));
    capture.end();
    return { events: capture.blocks.events, matched };
  };
}

async function passOf(path: string, what: string, rules: readonly string[]): Promise<() => Pass | Promise<Pass>> {
  if (what === 'replay') return replay(path, rules);
  const plain = gunzipSync(readFileSync(path));
  switch (what) {
    case 'read':
      return () => readAlone(plain);
    case 'decode':
      return () => decodeAll(plain);
    default:
      return match(plain, rules);
  }
}

async function measure(path: string, what: string, rules: readonly string[]): Promise<Measured> {
  const pass = await passOf(path, what, rules);
  const seconds: number[] = [];
  let last: Pass = { events: 0, matched: 0 };
  let bytes = Number.POSITIVE_INFINITY;
  for (let i = 0; i < PASSES; i++) {
    // Only where allocation is measured: the collector's own threads would count as the pass's.
    globalThis.gc?.();
    const before = getHeapStatistics().used_heap_size;
    const start = process.cpuUsage();
    last = await pass();
    const { user, system } = process.cpuUsage(start);
    seconds.push((user + system) / 1e6);
    bytes = Math.min(bytes, getHeapStatistics().used_heap_size - before);
  }
  const { events, matched } = last;
  return {
    events,
    perSecond: events / Math.min(...seconds),
    first: events / (seconds[0] ?? Number.NaN),
    matched,
    bytesPerEvent: bytes / events,
  };
}

const [path = '', what = '', ...rules] = process.argv.slice(2);
console.log(JSON.stringify(await measure(path, what, rules)));
