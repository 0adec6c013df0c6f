import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { fromInt64 } from '../../proto/int64.ts';
import type { QueryRequestMessage } from '../../proto/messages.ts';
import type { StoredRecord } from '../store/record.ts';
import type { Store, TimePlace } from '../store/store.ts';
import { compileSelection, type FilterCompiler } from '../subscribe/selection.ts';
import { toStatus } from './errors.ts';
import { queryResponse } from './responses.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const PAGE_ROWS = 500;
/** A page may end early when nearly nothing is selected: the token goes on from there. */
const MAX_SCANNED = 20_000;
const END_OF_TIME = 2n ** 63n - 1n;

/** Handler of atalaya.v1.Collector/Query. */
export function queryHandler(store: Store, compile: FilterCompiler) {
  return (call: ServerUnaryCall<QueryRequestMessage, Buffer>, done: sendUnaryData<Buffer>): void => {
    try {
      const { records, next } = query(call.request, store, compile);
      done(null, queryResponse(records, next === undefined ? '' : `${next.timeNs}-${next.id}`));
    } catch (error) {
      done(toStatus(error));
    }
  };
}

function query(request: QueryRequestMessage, store: Store, compile: FilterCompiler) {
  const selected = compileSelection({ selection: request.selection, allKinds: false }, compile);
  const limit = Math.min(request.limit || DEFAULT_LIMIT, MAX_LIMIT);
  const fromNs = fromInt64(request.fromNs);
  const records: StoredRecord[] = [];
  let place = startOf(request);
  for (let scanned = 0; scanned < MAX_SCANNED; scanned += PAGE_ROWS) {
    const page = store.newest(fromNs, place, PAGE_ROWS);
    for (const record of page) {
      place = { timeNs: record.columns.timeNs, id: record.id };
      if (selected(record)) records.push(record);
      if (records.length === limit) return { records, next: place };
    }
    if (page.length < PAGE_ROWS) return { records, next: undefined };
  }
  return { records, next: place };
}

function startOf(request: QueryRequestMessage): TimePlace {
  const toNs = fromInt64(request.toNs);
  if (!request.pageToken) return { timeNs: toNs === 0n ? END_OF_TIME : toNs, id: 0 };
  const match = /^(-?\d{1,19})-(\d{1,15})$/.exec(request.pageToken);
  const [, timeNs, id] = match ?? [];
  if (timeNs === undefined || id === undefined) {
    throw new AtalayaError('E_CURSOR', 'this is no page token; expected one that a query gave');
  }
  return { timeNs: BigInt.asIntN(64, BigInt(timeNs)), id: Number(id) };
}
