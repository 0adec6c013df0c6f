import { toInt64 } from '../../proto/int64.ts';
import type {
  AcknowledgeRequestMessage,
  AcknowledgeResponseMessage,
  SubscriptionsRequestMessage,
  SubscriptionsResponseMessage,
  UnsubscribeRequestMessage,
  UnsubscribeResponseMessage,
} from '../../proto/messages.ts';
import type { Access } from '../access/access.ts';
import type { Store } from '../store/store.ts';
import { formatCursor, parseCursor } from '../subscribe/cursor.ts';
import type { NamedSubscriptions } from '../subscribe/named.ts';
import { guarded } from './guard.ts';

/** Handlers of atalaya.v1.Collector/Acknowledge, Subscriptions and Unsubscribe. */
export function namedHandlers(store: Store, named: NamedSubscriptions, access: Access) {
  return {
    acknowledge: guarded(
      access,
      'subscribe',
      (request: AcknowledgeRequestMessage, { name }): AcknowledgeResponseMessage => {
        const id = parseCursor(store.name, request.cursor ?? '');
        named.acknowledge(name, request.name ?? '', Math.min(id, store.head()));
        return {};
      },
    ),
    subscriptions: guarded(
      access,
      'subscribe',
      (_: SubscriptionsRequestMessage, { name }): SubscriptionsResponseMessage => {
        const subscriptions = named.all(name).map(({ recordId, createdNs, acknowledgedNs, ...rest }) => ({
          ...rest,
          cursor: formatCursor(store.name, recordId),
          behind: Math.max(0, store.head() - Math.max(recordId, store.tail())),
          createdNs: toInt64(createdNs),
          acknowledgedNs: toInt64(acknowledgedNs),
        }));
        return { subscriptions };
      },
    ),
    unsubscribe: guarded(
      access,
      'subscribe',
      (request: UnsubscribeRequestMessage, { name }): UnsubscribeResponseMessage => {
        named.forget(name, request.name ?? '');
        return {};
      },
    ),
  };
}
