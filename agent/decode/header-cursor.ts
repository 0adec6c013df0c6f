import type { ByteString } from '../events/bytestring.ts';
import type { Actor, BootTime, Unsigned64 } from '../events/event.ts';
import { LANES, type Lane } from '../events/kinds.ts';
import { eventHeader } from './layout.gen.ts';
import { RecordBytes } from './record-bytes.ts';

const COMM_BYTES = 16;

/** The part that all records begin with. */
export class HeaderCursor implements Actor {
  readonly bytes = new RecordBytes();

  get bootTime(): BootTime {
    return this.bytes.time(eventHeader.timeNs);
  }

  get bootNs(): bigint {
    return this.bytes.big(eventHeader.timeNs);
  }

  get cpu(): number {
    return this.bytes.u16(eventHeader.cpu);
  }

  get lane(): Lane {
    return LANES[this.bytes.u8(eventHeader.lane)] ?? 'bulk';
  }

  get sequence(): number {
    return this.bytes.time(eventHeader.sequence);
  }

  get generation(): number {
    return this.bytes.u32(eventHeader.generation);
  }

  get flags(): number {
    return this.bytes.u32(eventHeader.flags);
  }

  /** Return value of the call; means nothing for an exit. */
  get returnValue(): number {
    return this.bytes.s64(eventHeader.result);
  }

  get tid(): number {
    return this.bytes.u32(eventHeader.tid);
  }

  get tidStart(): BootTime {
    return this.bytes.time(eventHeader.tidStartNs);
  }

  get pid(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.pid, true);
  }

  get pidStart(): BootTime {
    return this.bytes.time(eventHeader.pidStartNs);
  }

  get pidStartNs(): bigint {
    return this.bytes.big(eventHeader.pidStartNs);
  }

  get ppid(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.ppid, true);
  }

  get ppidStart(): BootTime {
    return this.bytes.time(eventHeader.ppidStartNs);
  }

  get vtid(): number {
    return this.bytes.u32(eventHeader.vtid);
  }

  get vpid(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.vpid, true);
  }

  get session(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.session, true);
  }

  get pgid(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.pgid, true);
  }

  get tty(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.tty, true);
  }

  get uid(): number {
    return this.bytes.u32(eventHeader.uid);
  }

  get euid(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.euid, true);
  }

  get gid(): number {
    return this.bytes.u32(eventHeader.gid);
  }

  get egid(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.egid, true);
  }

  get loginuid(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.loginuid, true);
  }

  get capEffective(): number {
    return this.bytes.time(eventHeader.capEffective);
  }

  get exeDev(): number {
    return this.bytes.u32(eventHeader.exeDev);
  }

  get exeInode(): Unsigned64 {
    return this.bytes.u64(eventHeader.exeInode);
  }

  get cgroupId(): Unsigned64 {
    return this.bytes.u64(eventHeader.cgroupId);
  }

  get mountNamespace(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.mntNs, true);
  }

  get pidNamespace(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.pidNs, true);
  }

  get userNamespace(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.userNs, true);
  }

  get netNamespace(): number {
    const { view, start } = this.bytes;
    return view.getUint32(start + eventHeader.netNs, true);
  }

  get comm(): ByteString {
    return this.bytes.padded(eventHeader.comm, COMM_BYTES);
  }
}
