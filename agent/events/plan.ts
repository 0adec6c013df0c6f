import type { CollectedKind } from './kinds.ts';

/** Why something is collected: a rule by name, or a part of the agent. */
export interface PlanReason {
  readonly by: 'rule' | 'state' | 'recorder' | 'activity';
  /** Rule name, or what of the part needs it. */
  readonly name: string;
}

/** What of one kind must reach user space. The kernel may only ever leave out what cannot match. */
export interface KindPlan {
  readonly kind: CollectedKind;
  readonly reasons: readonly PlanReason[];
  /** System calls of the kind that are wanted (evt.type names); absent = all of the kind. */
  readonly syscalls?: readonly string[];
  /** Which results are wanted. */
  readonly result: 'any' | 'success' | 'failure';
  /** open only: an open is wanted if any of these bits is in its flags argument (kernel's numbering; 0 = all opens). */
  readonly openFlagsAny: number;
  /** Wanted only if some path of the event is one of these, or below one; absent = whatever the path. */
  readonly paths?: readonly PathFilter[];
  /**
   * open only: paths that some rule names. Where noise drowns opens, the first ones of these files go out all the same;
   * that other rules want every open changes nothing of it.
   */
  readonly named?: readonly PathFilter[];
  /** Wanted only if some port of the event is one of these; absent = whatever the ports. */
  readonly ports?: readonly number[];
  /** Wanted only if some address of the event lies in one of these; absent = whatever the addresses. */
  readonly addresses?: readonly AddressFilter[];
}

/** The first bits of an address, most significant first; an address of another length never lies in it. */
export interface AddressFilter {
  /** All 4 or 16 bytes, the bits behind the prefix cleared. */
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Names from the root down; empty components do not count. */
export interface PathFilter {
  readonly components: readonly string[];
  /** Everything below it too. */
  readonly below: boolean;
}

/** What rules, state and recorder need, each with its reason. */
export interface Plan {
  readonly kinds: readonly KindPlan[];
  /** The environment of new processes is read only when a field needs it. */
  readonly environment: boolean;
}
