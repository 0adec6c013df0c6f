import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Expected, Fields } from './captures-expected.ts';

/** One value that differs, with what else is known of its event. */
export interface Deviation {
  readonly field: string;
  readonly expected: Expected;
  readonly found: unknown;
  readonly type: string;
  /** The peer's values of the event. */
  readonly row: Fields;
  /** Ours. */
  readonly ours: Readonly<Record<string, unknown>>;
}

/** A difference that is meant. */
export interface Difference {
  readonly fields: readonly string[];
  /** evt.type names; absent = all. */
  readonly types?: readonly string[];
  /** What the peer says; absent = anything. */
  readonly expected?: Expected;
  readonly found?: Expected;
  /** Name of a condition in CONDITIONS. */
  readonly when?: string;
  readonly reason: string;
}

const here = dirname(fileURLToPath(import.meta.url));

export function readDifferences(): Difference[] {
  const places = [here, join(here, '../../../test/conformance')].map((folder) => join(folder, 'differences.yaml'));
  const path = places.find((place) => existsSync(place));
  if (path === undefined) throw new Error('differences.yaml is not there');
  const differences = (parse(readFileSync(path, 'utf8')) ?? []) as Difference[];
  for (const { fields, reason, when } of differences) {
    if (!Array.isArray(fields) || typeof reason !== 'string') throw new Error(`${path}: each has fields and reason`);
    if (when !== undefined && CONDITIONS[when] === undefined) throw new Error(`${path}: no condition ${when}`);
  }
  return differences;
}

export function isMeant(deviation: Deviation, differences: readonly Difference[]): Difference | undefined {
  return differences.find((difference) => fits(deviation, difference));
}

function fits(deviation: Deviation, { fields, types, expected, found, when }: Difference): boolean {
  if (!fields.includes(deviation.field)) return false;
  if (types !== undefined && !types.includes(deviation.type)) return false;
  if (expected !== undefined && deviation.expected !== expected) return false;
  if (found !== undefined && deviation.found !== found) return false;
  return when === undefined || CONDITIONS[when]?.(deviation) === true;
}

const CONDITIONS: Readonly<Record<string, (deviation: Deviation) => boolean>> = {};
