import type { ByteString } from '../../events/bytestring.ts';
import type { Actor, Unsigned64 } from '../../events/event.ts';
import type { Moment } from './moment.ts';

const NO_ID = 0xffff_ffff;

/** Whose the present event is: its thread as it is known. Captures tell nothing of namespaces but that of pids. */
export class ScapActor implements Actor {
  readonly moment: Moment;
  readonly mountNamespace = 0;
  readonly pidNamespace = 0;
  readonly userNamespace = 0;
  readonly netNamespace = 0;
  readonly exeDev = 0;
  readonly cgroupId = 0;

  constructor(moment: Moment) {
    this.moment = moment;
  }

  get tid(): number {
    return this.moment.frame.tid;
  }

  get pid(): number {
    return this.moment.thread?.pid ?? -1;
  }

  get tidStart(): number {
    return this.moment.thread?.start ?? 0;
  }

  get pidStart(): number {
    return this.moment.thread?.leader.start ?? 0;
  }

  get pidStartNs(): bigint {
    return this.moment.thread?.leader.startNs ?? 0n;
  }

  get ppid(): number {
    return this.moment.thread?.ppid ?? 0;
  }

  get ppidStart(): number {
    return this.moment.thread?.parent?.start ?? 0;
  }

  get vtid(): number {
    return this.moment.thread?.vtid ?? 0;
  }

  get vpid(): number {
    return this.moment.thread?.vpid ?? 0;
  }

  get session(): number {
    return this.moment.thread?.session ?? 0;
  }

  get pgid(): number {
    return this.moment.thread?.pgid ?? 0;
  }

  get tty(): number {
    return this.moment.thread?.tty ?? 0;
  }

  get uid(): number {
    return this.moment.thread?.uid ?? NO_ID;
  }

  get euid(): number {
    return this.uid;
  }

  get gid(): number {
    return this.moment.thread?.gid ?? NO_ID;
  }

  get egid(): number {
    return this.gid;
  }

  get loginuid(): number {
    return this.moment.thread?.loginuid ?? NO_ID;
  }

  get capEffective(): number {
    return this.moment.thread?.capEffective ?? 0;
  }

  get exeInode(): Unsigned64 {
    return this.moment.thread?.exeFacts?.inode ?? 0;
  }

  get comm(): ByteString {
    return this.moment.thread?.comm ?? '';
  }
}
