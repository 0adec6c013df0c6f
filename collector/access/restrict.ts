import { KIND_AMENDMENT, KIND_GAP } from '../../proto/head.ts';
import type { SelectionMessage } from '../../proto/messages.ts';
import type { StoredRecord } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import type { Selected } from '../subscribe/selection.ts';
import type { Client } from './access.ts';

/**
 * What a client may see of what it has selected: one that is limited to namespaces gets their alerts, what became known of
 * these, and gaps, which say nothing but that something may be missing.
 */
export function restrict(selected: Selected, { namespaces }: Client, store: Pick<Store, 'find'>): Selected {
  if (namespaces === undefined) return selected;
  const allowed = new Set(namespaces);
  return (record) => maySee(record, allowed, store) && selected(record);
}

/** The namespaces of a selection that a client may see; undefined = none. */
export function restrictSelection(
  selection: SelectionMessage | null | undefined,
  { namespaces }: Client,
): SelectionMessage | undefined {
  if (namespaces === undefined) return selection ?? {};
  const wanted = selection?.namespaces ?? [];
  const seen = wanted.length === 0 ? namespaces : wanted.filter((name) => namespaces.includes(name));
  return seen.length === 0 ? undefined : { ...selection, namespaces: [...seen] };
}

function maySee(record: StoredRecord, allowed: ReadonlySet<string>, store: Pick<Store, 'find'>): boolean {
  if (record.isAlert) return allowed.has(record.columns.namespace);
  if (record.columns.kind === KIND_GAP) return true;
  if (record.columns.kind !== KIND_AMENDMENT) return false;
  const alert = store.find(record.amendedUuid());
  return alert !== undefined && allowed.has(alert.columns.namespace);
}
