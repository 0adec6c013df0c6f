import { AtalayaError } from '../../agent/lib/errors.ts';

/** Writes a place in the order of storing so that others can keep it: the database's name and an id. */
export function formatCursor(storeName: string, id: number): string {
  return `${storeName}-${id.toString(36)}`;
}

/** The id in a cursor of this database. Throws E_CURSOR for anything else. */
export function parseCursor(storeName: string, cursor: string): number {
  const match = /^([0-9a-f]{12})-([0-9a-z]{1,11})$/.exec(cursor);
  const id = Number.parseInt(match?.[2] ?? '', 36);
  if (match === null || !Number.isSafeInteger(id)) {
    throw new AtalayaError('E_CURSOR', 'this is no cursor; expected one that a subscription gave');
  }
  if (match[1] !== storeName) {
    throw new AtalayaError('E_CURSOR', 'the cursor is of another database: read from a time, or from now on');
  }
  return id;
}
