import type { EventKind } from '../events/kinds.ts';
import type { FieldScalar, FieldValue } from '../fields/field.ts';
import { type GivenValues, keyOf } from './given-event.ts';

/** What a test says of one event, and what follows from it: a derivation never replaces what is said. */
export class GivenFacts {
  readonly type: string;
  readonly kind: EventKind;
  private readonly values: GivenValues;

  constructor(type: string, kind: EventKind, values: GivenValues) {
    this.type = type;
    this.kind = kind;
    this.values = values;
  }

  has(name: string, argument?: string | number): boolean {
    return this.values.has(keyOf(name, argument));
  }

  get(name: string, argument?: string | number): FieldValue | undefined {
    return this.values.get(keyOf(name, argument));
  }

  text(name: string, argument?: string | number): string | undefined {
    const value = this.get(name, argument);
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string, argument?: string | number): number | undefined {
    const value = this.get(name, argument);
    return typeof value === 'number' ? value : undefined;
  }

  /** The values of a list; a single one counts as a list of one. */
  list(name: string): readonly FieldScalar[] | undefined {
    const value = this.get(name);
    return value === undefined || typeof value === 'object' ? value : [value];
  }

  /** Gives a field its value unless the test did, or there is none to give. */
  add(name: string, value: FieldValue | undefined, argument?: string | number): void {
    const key = keyOf(name, argument);
    if (value !== undefined && !this.values.has(key)) this.values.set(key, value);
  }
}
