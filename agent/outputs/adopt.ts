import { decodeEnvelope } from '../../proto/envelope.ts';
import { decodeHead } from '../../proto/head.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import type { ChainOwner } from './chain.ts';
import type { SpoolStore } from './spool-store.ts';

const PAGE_ROWS = 500;
const PAGE_BYTES = 8 * 1024 * 1024;

/**
 * Records that wait under another name of the agent become records of its present one: no collector would take them from
 * it otherwise, nor what comes behind them. Alerts keep their uuid.
 */
export function adoptRecords(store: SpoolStore, owner: ChainOwner, write: (body: EnvelopeBody) => void): void {
  const [first] = store.page(0, 1, 1);
  // A spool has records of one name: they are all made anew here whenever that changes.
  if (first === undefined || nameOf(first.bytes) === owner.agentId) return;
  const end = store.lastId;
  store.transaction(() => {
    for (let after = 0; after < end; ) {
      const page = store.page(after, PAGE_ROWS, PAGE_BYTES);
      for (const { bytes } of page.filter(({ id }) => id <= end)) {
        const { body } = decodeEnvelope(bytes);
        if (body.type === 'alert' || body.type === 'gap' || body.type === 'heartbeat') write(body);
      }
      after = page.at(-1)?.id ?? end;
    }
    store.removeThrough(end);
  });
}

function nameOf(bytes: Uint8Array): string | undefined {
  try {
    return decodeHead(bytes).agentId;
  } catch {
    return undefined;
  }
}
