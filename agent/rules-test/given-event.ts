import { EVENT_TYPES } from '../events/event-types.ts';
import { EVENT_KINDS, type EventKind } from '../events/kinds.ts';
import type { FieldCatalogue, FieldDef, FieldResult, FieldValue } from '../fields/field.ts';

/** Values by key: a field's name, with its argument in brackets where it has one. undefined = said to be absent. */
export type GivenValues = Map<string, FieldValue | undefined>;

/** One event as a test describes it: what it does not say is absent. */
export interface GivenEvent {
  readonly event: { readonly kind: EventKind; readonly type: string };
  readonly values: ReadonlyMap<string, FieldValue | undefined>;
}

export function keyOf(name: string, argument: string | number | undefined): string {
  return argument === undefined ? name : `${name}[${argument}]`;
}

/** The fields of a catalogue, read from what a test gives: any of them, so none follows from another. */
export function givenCatalogue<C>(catalogue: FieldCatalogue<C>): FieldCatalogue<GivenEvent> {
  const fields = catalogue.all().map(
    ({ follows: _, ...def }): FieldDef<GivenEvent> => ({
      ...def,
      get: ({ values }, argument): FieldResult => values.get(keyOf(def.name, argument)),
    }),
  );
  const byName = new Map(fields.map((def) => [def.name, def]));
  return { find: (name) => byName.get(name), all: () => fields };
}

const KIND_OF_TYPE: ReadonlyMap<string, EventKind> = new Map(
  EVENT_KINDS.flatMap((kind) => EVENT_TYPES[kind].map((type) => [type, kind] as const)),
);

/** Kind of an event type; undefined for a type that is no event of this build. */
export function kindOfType(type: string): EventKind | undefined {
  return KIND_OF_TYPE.get(type);
}

export function knownTypes(): Iterable<string> {
  return KIND_OF_TYPE.keys();
}
