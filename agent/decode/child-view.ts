import type { BootTime, ChildFacts, Unsigned64 } from '../events/event.ts';
import { eventFork, eventHeader } from './layout.gen.ts';
import type { RecordBytes } from './record-bytes.ts';

/** The child of a fork record. */
export class ChildView implements ChildFacts {
  readonly #record: RecordBytes;

  constructor(record: RecordBytes) {
    this.#record = record;
  }

  get tid(): number {
    return this.#record.u32(eventFork.childTid);
  }

  get tidStart(): BootTime {
    return this.#record.time(eventFork.childTidStartNs);
  }

  get pid(): number {
    return this.#record.u32(eventFork.childPid);
  }

  get pidStart(): BootTime {
    return this.#record.time(eventFork.childPidStartNs);
  }

  get pidStartNs(): bigint {
    return this.#record.big(eventFork.childPidStartNs);
  }

  get ppid(): number {
    return this.#record.u32(eventFork.childPpid);
  }

  get ppidStart(): BootTime {
    return this.#record.time(eventFork.childPpidStartNs);
  }

  get vtid(): number {
    return this.#record.u32(eventFork.childVtid);
  }

  get vpid(): number {
    return this.#record.u32(eventFork.childVpid);
  }

  get cgroupId(): Unsigned64 {
    return this.#record.u64(eventFork.childCgroupId);
  }

  get pidNamespace(): number {
    return this.#record.u32(eventFork.childPidNs);
  }

  get isThread(): boolean {
    return this.pid === this.#record.u32(eventHeader.pid) && this.tid !== this.pid;
  }
}
