import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { QueryRequestMessage } from '../../proto/messages.ts';
import type { Store } from '../store/store.ts';
import { compileSelection, type FilterCompiler } from '../subscribe/selection.ts';
import { toStatus } from './errors.ts';
import { query } from './query.ts';
import { queryResponse } from './responses.ts';

/** Handler of atalaya.v1.Collector/Query. */
export function queryHandler(store: Store, compile: FilterCompiler) {
  return (call: ServerUnaryCall<QueryRequestMessage, Buffer>, done: sendUnaryData<Buffer>): void => {
    const { request } = call;
    try {
      const selected = compileSelection({ selection: request.selection, allKinds: false }, compile);
      const page = query(request, selected, store);
      const triageOf = (uuid: string) => (request.withTriage ? store.triage.state(uuid) : undefined);
      done(null, queryResponse(page, triageOf));
    } catch (error) {
      done(toStatus(error));
    }
  };
}
