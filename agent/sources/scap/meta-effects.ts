import type { CaptureState } from './capture-state.ts';
import { enterCode } from './codes.ts';
import type { EventFrame } from './event-frame.ts';

/** What an event that no thread makes tells of the machine. */
export type MetaEffect = (state: CaptureState, frame: EventFrame) => void;

const NO_ID = 0xffff_ffff;

/** Id of the container whose account it is; '' = the host's. */
const owner = (frame: EventFrame, place: number): string => frame.text(place) ?? '';

const addedUser: MetaEffect = ({ accounts }, frame) =>
  accounts.addUser(owner(frame, 5), {
    uid: frame.u32(0, NO_ID),
    gid: frame.u32(1, NO_ID),
    name: frame.text(2) ?? '',
    home: frame.text(3) ?? '',
    shell: frame.text(4) ?? '',
  });

const addedGroup: MetaEffect = ({ accounts }, frame) =>
  accounts.addGroup(owner(frame, 2), { gid: frame.u32(0, NO_ID), name: frame.text(1) ?? '' });

const deletedUser: MetaEffect = ({ accounts }, frame) => accounts.removeUser(owner(frame, 5), frame.u32(0, NO_ID));

const deletedGroup: MetaEffect = ({ accounts }, frame) => accounts.removeGroup(owner(frame, 2), frame.u32(0, NO_ID));

const container: MetaEffect = ({ containers }, frame) => containers.tell(frame.text(0) ?? '');

/** Newer recorders tell of containers by events that carry their own name. */
const told: MetaEffect = ({ containers }, frame) => {
  if (frame.text(1) === 'container') containers.tell(frame.text(2) ?? '');
};

export const META_EFFECTS: ReadonlyMap<number, MetaEffect> = new Map([
  [enterCode('useradded'), addedUser],
  [enterCode('userdeleted'), deletedUser],
  [enterCode('groupadded'), addedGroup],
  [enterCode('groupdeleted'), deletedGroup],
  [enterCode('container'), container],
  [enterCode('asyncevent'), told],
]);
