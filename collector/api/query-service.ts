import type { QueryRequestMessage } from '../../proto/messages.ts';
import type { Access, Client } from '../access/access.ts';
import { restrict } from '../access/restrict.ts';
import type { Store } from '../store/store.ts';
import { compileSelection, type FilterCompiler } from '../subscribe/selection.ts';
import { guarded } from './guard.ts';
import { query } from './query.ts';
import { queryResponse } from './responses.ts';

/** Handler of atalaya.v1.Collector/Query. */
export function queryHandler(store: Store, compile: FilterCompiler, access: Access) {
  return guarded(access, 'query', (request: QueryRequestMessage, client: Client): Buffer => {
    const wanted = compileSelection({ selection: request.selection, allKinds: false }, compile);
    const page = query(request, restrict(wanted, client, store), store);
    const triageOf = (uuid: string) => (request.withTriage ? store.triage.state(uuid) : undefined);
    return queryResponse(page, triageOf);
  });
}
