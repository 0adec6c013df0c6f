import type { ServerResponse } from 'node:http';
import { type Alert, type FieldJson, PRIORITIES, type Priority, type ProcessEntity } from '../../agent/events/alert.ts';
import type { Gap } from '../../agent/events/gap.ts';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { isoTime } from '../../agent/lib/iso-time.ts';
import { jsonText } from '../../agent/lib/json-text.ts';
import { toPriority } from '../../proto/alert.ts';
import type { StoredRecord } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { formatCursor, parseCursor } from '../subscribe/cursor.ts';
import type { Hub } from '../subscribe/hub.ts';
import { compileSelection, type FilterCompiler, type Selected } from '../subscribe/selection.ts';
import type { Sink } from '../subscribe/subscription.ts';

/** How many stored alerts a page begins with. */
const FIRST_ALERTS = 100;
/** A browser that is further behind misses the rest; it shows only so many anyway. */
const MAX_LAG = 5000;
const END_OF_TIME = 2n ** 63n - 1n;

export interface EventsRequest {
  readonly query: URLSearchParams;
  readonly lastEventId: string | undefined;
}

/**
 * Alerts as server-sent events: `alert`, `gap` (of any node: a filter does not hold for them), `dropped` and (to move the
 * browser's Last-Event-ID on) `progress`. Throws E_FILTER or E_CURSOR before anything is written.
 */
export function streamEvents(
  request: EventsRequest,
  response: ServerResponse,
  store: Store,
  hub: Hub,
  compile: FilterCompiler,
): void {
  const selected = readSelection(request.query, compile);
  const afterId = startOf(request, store);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  const subscription = hub.join({ store, selected, afterId, maxLag: MAX_LAG, sink: sinkOf(response, store) });
  response.on('drain', () => subscription.drained());
  response.on('close', () => hub.leave(subscription));
}

function readSelection(query: URLSearchParams, compile: FilterCompiler): Selected {
  const priority = query.get('priority') || undefined;
  if (priority !== undefined && !PRIORITIES.includes(priority as Priority)) {
    throw new AtalayaError('E_FILTER', `'${priority}' is no priority; expected one of ${PRIORITIES.join(', ')}`);
  }
  const filters = query.getAll('filter').filter((text) => text.trim() !== '');
  const selection = { filters, priority: priority === undefined ? 0 : toPriority(priority as Priority) };
  return compileSelection({ selection, allKinds: true }, compile);
}

function startOf({ lastEventId }: EventsRequest, store: Store): number {
  if (lastEventId !== undefined) return parseCursor(store.name, lastEventId);
  const newest = store.newest(0n, { timeNs: END_OF_TIME, id: 0 }, FIRST_ALERTS);
  return newest.reduce((least, { id }) => Math.min(least, id - 1), store.head());
}

function sinkOf(response: ServerResponse, store: Store): Sink {
  const send = (id: number, event: string, data: string) =>
    response.write(`id: ${formatCursor(store.name, id)}\nevent: ${event}\ndata: ${data}\n\n`);
  return {
    record: (record) => sendRecord(record, send),
    dropped: (fromId, toId) => send(toId, 'dropped', jsonText({ count: toId - fromId })),
    progress: (id, live) => send(id, 'progress', jsonText({ live })),
    end: () => response.end(),
    fail: () => response.destroy(),
  };
}

function sendRecord(record: StoredRecord, send: (id: number, event: string, data: string) => boolean): boolean {
  const alert = record.alert();
  if (alert !== undefined) return send(record.id, 'alert', jsonText(shown(alert)));
  const gap = record.gap();
  return gap === undefined ? true : send(record.id, 'gap', jsonText(shownGap(record.columns.agentId, gap)));
}

function shownGap(node: string, { stage, cause, lane = '', count, fromNs, toNs }: Gap) {
  return { node, stage, cause, lane, count, from: isoTime(fromNs), to: isoTime(toNs) };
}

/** What the page shows of an alert. */
function shown(alert: Alert) {
  const { uuid, rule, priority, hostname, output, tags, matched, process, ancestors, completeness } = alert;
  return {
    uuid,
    time: isoTime(alert.timeNs),
    rule,
    priority,
    hostname,
    output,
    tags,
    matched,
    processes: [...(process === undefined ? [] : [process]), ...ancestors].map(shownProcess),
    incomplete: completeness === 'complete' ? [] : completeness,
    fields: Object.fromEntries(Object.entries({ ...alert.outputFields, ...alert.context }).map(exact)),
  };
}

function shownProcess({ pid, exePath, cmdline }: ProcessEntity): string {
  return `${pid} ${exePath}: ${cmdline}`;
}

/** Browsers read JSON's numbers as doubles: wide ones go as text. */
function exact([name, value]: [string, FieldJson]): [string, FieldJson] {
  return [name, typeof value === 'bigint' ? value.toString() : value];
}
