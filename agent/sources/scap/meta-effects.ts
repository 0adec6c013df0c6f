import type { CaptureState } from './capture-state.ts';
import { enterCode } from './codes.ts';
import type { EventFrame } from './event-frame.ts';

/** What an event that no thread makes tells of the machine. */
export type MetaEffect = (state: CaptureState, frame: EventFrame) => void;

const NO_ID = 0xffff_ffff;

/** Accounts of containers are not kept: names there are looked up by the container's own table. */
const ofHost = (frame: EventFrame, place: number): boolean => (frame.text(place) ?? '') === '';

const addedUser: MetaEffect = ({ accounts }, frame) => {
  if (!ofHost(frame, 5)) return;
  accounts.addUser({
    uid: frame.u32(0, NO_ID),
    gid: frame.u32(1, NO_ID),
    name: frame.text(2) ?? '',
    home: frame.text(3) ?? '',
    shell: frame.text(4) ?? '',
  });
};

const addedGroup: MetaEffect = ({ accounts }, frame) => {
  if (ofHost(frame, 2)) accounts.addGroup({ gid: frame.u32(0, NO_ID), name: frame.text(1) ?? '' });
};

const deletedUser: MetaEffect = ({ accounts }, frame) => {
  if (ofHost(frame, 5)) accounts.removeUser(frame.u32(0, NO_ID));
};

const deletedGroup: MetaEffect = ({ accounts }, frame) => {
  if (ofHost(frame, 2)) accounts.removeGroup(frame.u32(0, NO_ID));
};

const container: MetaEffect = (state, frame) => state.tellContainer(frame.text(0) ?? '');

/** Newer recorders tell of containers by events that carry their own name. */
const told: MetaEffect = (state, frame) => {
  if (frame.text(1) === 'container') state.tellContainer(frame.text(2) ?? '');
};

export const META_EFFECTS: ReadonlyMap<number, MetaEffect> = new Map([
  [enterCode('useradded'), addedUser],
  [enterCode('userdeleted'), deletedUser],
  [enterCode('groupadded'), addedGroup],
  [enterCode('groupdeleted'), deletedGroup],
  [enterCode('container'), container],
  [enterCode('asyncevent'), told],
]);
