import { AtalayaError } from '../../agent/lib/errors.ts';
import { fromInt64 } from '../../proto/int64.ts';
import type { QueryRequestMessage } from '../../proto/messages.ts';
import { END_OF_TIME, type TimePlace, type Wanted } from '../store/question.ts';
import type { StoredRecord } from '../store/record.ts';
import { toMatch } from '../store/search-text.ts';
import type { Store } from '../store/store.ts';
import type { Selected } from '../subscribe/selection.ts';

export interface QueryPage {
  readonly records: readonly StoredRecord[];
  /** Empty when there is no more. */
  readonly nextPageToken: string;
  readonly unindexed: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const PAGE_ROWS = 500;
/** A page may end early when nearly nothing is selected: the token goes on from there. */
const MAX_SCANNED = 20_000;

/** A page of the alerts that a request asks for. Throws E_CURSOR (no page token) or E_FILTER (a text without words). */
export function query(request: QueryRequestMessage, selected: Selected, store: Store): QueryPage {
  if (request.uuid) return queryOne(request.uuid, selected, store);
  const page = new Page(request, selected, store);
  return request.text ? queryText(request, page, store) : queryTime(request, page, store);
}

/** Takes records until there are enough. */
class Page {
  readonly records: StoredRecord[] = [];
  /** Room for so many, and never less than fits the smallest helping. */
  readonly limit: number;
  private readonly passes: Selected;

  constructor(request: QueryRequestMessage, selected: Selected, store: Store) {
    this.limit = Math.min(request.limit || DEFAULT_LIMIT, MAX_LIMIT);
    const statuses = new Set<number>(request.statuses ?? []);
    this.passes = (record) => {
      if (statuses.size > 0 && !statuses.has(store.triage.status(record.columns.uuid))) return false;
      return selected(record);
    };
  }

  /** Gives whether there are enough. */
  take(record: StoredRecord): boolean {
    if (this.passes(record)) this.records.push(record);
    return this.records.length >= this.limit;
  }
}

function queryOne(uuid: string, selected: Selected, store: Store): QueryPage {
  const record = store.find(uuid);
  return { records: record !== undefined && selected(record) ? [record] : [], nextPageToken: '', unindexed: 0 };
}

function queryTime(request: QueryRequestMessage, page: Page, store: Store): QueryPage {
  const fromNs = fromInt64(request.fromNs);
  const wanted = wantedOf(request);
  let place = timePlaceOf(request);
  const endsAt = ({ timeNs, id }: TimePlace): QueryPage => {
    return { records: page.records, nextPageToken: `${timeNs}-${id}`, unindexed: 0 };
  };
  // The first helping is what is most often enough.
  for (let scanned = 0, rows = Math.min(page.limit, PAGE_ROWS); scanned < MAX_SCANNED; rows = PAGE_ROWS) {
    const helping = store.newest(fromNs, place, rows, wanted);
    for (const record of helping) {
      place = { timeNs: record.columns.timeNs, id: record.id };
      if (page.take(record)) return endsAt(place);
    }
    if (helping.length < rows) return { records: page.records, nextPageToken: '', unindexed: 0 };
    scanned += helping.length;
  }
  return endsAt(place);
}

function queryText(request: QueryRequestMessage, page: Page, store: Store): QueryPage {
  const match = toMatch(request.text ?? '');
  const [fromNs, toNs] = [fromInt64(request.fromNs), fromInt64(request.toNs) || END_OF_TIME];
  const unindexed = store.unindexed();
  let beforeId: number | undefined = textPlaceOf(request, store);
  for (let scanned = 0; beforeId !== undefined && scanned < MAX_SCANNED; ) {
    const found = store.search(match, beforeId, Math.min(page.limit, PAGE_ROWS));
    for (const record of found.records) {
      const { timeNs } = record.columns;
      if (timeNs >= fromNs && timeNs < toNs && page.take(record)) {
        return { records: page.records, nextPageToken: `t${record.id}`, unindexed };
      }
    }
    scanned += found.records.length;
    beforeId = found.beforeId;
  }
  return { records: page.records, nextPageToken: beforeId === undefined ? '' : `t${beforeId}`, unindexed };
}

function wantedOf({ selection }: QueryRequestMessage): Wanted {
  const { namespaces, rules, nodes, priority } = selection ?? {};
  return {
    ...(namespaces?.length ? { namespaces: [...new Set(namespaces)] } : {}),
    ...(rules?.length ? { rules: [...new Set(rules)] } : {}),
    ...(nodes?.length ? { nodes } : {}),
    ...(priority ? { priority } : {}),
  };
}

function timePlaceOf(request: QueryRequestMessage): TimePlace {
  const toNs = fromInt64(request.toNs);
  if (!request.pageToken) return { timeNs: toNs === 0n ? END_OF_TIME : toNs, id: 0 };
  const [, timeNs, id] = /^(-?\d{1,19})-(\d{1,15})$/.exec(request.pageToken) ?? [];
  if (timeNs === undefined || id === undefined) throw noToken();
  return { timeNs: BigInt.asIntN(64, BigInt(timeNs)), id: Number(id) };
}

function textPlaceOf(request: QueryRequestMessage, store: Store): number {
  if (!request.pageToken) return store.head() + 1;
  const [, id] = /^t(\d{1,15})$/.exec(request.pageToken) ?? [];
  if (id === undefined) throw noToken();
  return Number(id);
}

function noToken(): AtalayaError {
  return new AtalayaError('E_CURSOR', 'this is no page token; expected one that a query with the same words gave');
}
