import { setTimeout } from 'node:timers/promises';
import { eventHeader } from '../../../agent/decode/layout.gen.ts';
import type { NativeGap, Sensor } from '../../../native/index.ts';

/** Holds every batch against the promises of the stream. */
export interface Ledger {
  /** What was not as promised, the first few. */
  readonly faults: readonly string[];
  readonly records: number;
  /** Records that came after later ones. */
  readonly inversions: number;
  /** Sequence numbers that were told as gaps, by lane. */
  readonly lost: readonly [rare: number, lifecycle: number, bulk: number];
  /** Sequence numbers passed over in silence: of the sensor's own heartbeats, which are not handed on. */
  readonly silent: number;
  readonly causes: ReadonlySet<NativeGap['cause']>;
  add(batch: { readonly buffer: Buffer; readonly count: number; readonly gaps: readonly NativeGap[] }): void;
}

const FAULTS_KEPT = 10;

/**
 * On each (cpu, lane) the numbers go up by one, but for gaps, each of which stands where its
 * numbers are missing, between the times that it names, and for heartbeats.
 */
export function createLedger(): Ledger {
  return new BatchLedger();
}

const LOOK_MS = 10;

/**
 * Resolves when all that was produced until now has arrived or was told as lost. stop() alone waits for a slow consumer
 * no longer than a moment; on a busy machine every consumer is slow.
 */
export async function settle(sensor: Sensor, ledger: Ledger): Promise<void> {
  const { produced } = sensor.stats();
  for (;;) {
    const { received, lost, delivered } = sensor.stats();
    if (received + lost >= produced && BigInt(ledger.records) === delivered) return;
    // Ends the gap at the end of each lane.
    sensor.heartbeat();
    await setTimeout(LOOK_MS);
  }
}

class BatchLedger implements Ledger {
  readonly faults: string[] = [];
  records = 0;
  inversions = 0;
  readonly lost: [number, number, number] = [0, 0, 0];
  silent = 0;
  readonly causes = new Set<NativeGap['cause']>();
  #lastTime = 0n;
  /** By cpu and lane: the last number and its time. */
  readonly #last = new Map<string, { sequence: bigint; timeNs: bigint }>();

  add({ buffer, count, gaps }: Parameters<Ledger['add']>[0]): void {
    let found = 0;
    let next = 0;
    for (let at = 0; at < buffer.length; found++) {
      for (; gaps[next]?.position === at; next++) this.#gap(gaps[next] as NativeGap);
      this.#record(buffer, at);
      at += buffer.readUInt32LE(at + eventHeader.length);
    }
    for (; next < gaps.length; next++) {
      const gap = gaps[next] as NativeGap;
      if (gap.position !== buffer.length) this.#fault(`a gap is at ${gap.position}, which is no record's place`);
      this.#gap(gap);
    }
    if (found !== count) this.#fault(`a batch of ${count} records has ${found}`);
  }

  #record(buffer: Buffer, at: number): void {
    const lane = buffer.readUInt8(at + eventHeader.lane);
    const cpu = buffer.readUInt16LE(at + eventHeader.cpu);
    const sequence = buffer.readBigUInt64LE(at + eventHeader.sequence);
    const timeNs = buffer.readBigUInt64LE(at + eventHeader.timeNs);
    this.records++;
    if (timeNs < this.#lastTime) this.inversions++;
    else this.#lastTime = timeNs;
    const last = this.#lastOf(cpu, lane);
    if (sequence <= last.sequence) this.#fault(`cpu ${cpu} lane ${lane}: ${sequence} comes after ${last.sequence}`);
    else this.silent += Number(sequence - last.sequence - 1n);
    this.#last.set(`${cpu} ${lane}`, { sequence, timeNs });
  }

  #gap(gap: NativeGap): void {
    const { cpu, lane, fromSequence, toSequence, afterTimeNs, beforeTimeNs } = gap;
    const last = this.#lastOf(cpu, lane);
    const where = `cpu ${cpu} lane ${lane}: the gap ${fromSequence}-${toSequence}`;
    if (fromSequence > toSequence) this.#fault(`${where} is empty`);
    if (fromSequence <= last.sequence) this.#fault(`${where} comes after ${last.sequence}`);
    else this.silent += Number(fromSequence - last.sequence - 1n);
    if (afterTimeNs < last.timeNs) this.#fault(`${where} begins before the record of ${last.timeNs}`);
    if (beforeTimeNs < afterTimeNs) this.#fault(`${where} ends before it begins`);
    this.lost[lane as 0 | 1 | 2] += Number(toSequence - fromSequence + 1n);
    this.causes.add(gap.cause);
    this.#last.set(`${cpu} ${lane}`, { sequence: toSequence, timeNs: last.timeNs });
  }

  #lastOf(cpu: number, lane: number): { sequence: bigint; timeNs: bigint } {
    return this.#last.get(`${cpu} ${lane}`) ?? { sequence: 0n, timeNs: 0n };
  }

  #fault(text: string): void {
    if (this.faults.length < FAULTS_KEPT) this.faults.push(text);
  }
}
