import { AtalayaError } from '../../agent/lib/errors.ts';
import { safeLine } from '../../agent/lib/safe-text.ts';
import { toInt64 } from '../../proto/int64.ts';
import {
  type TriageRecordMessage,
  type TriageRequestMessage,
  type TriageResponseMessage,
  v1,
} from '../../proto/messages.ts';
import type { Access, Client } from '../access/access.ts';
import type { OwnRun } from '../ingest/own-run.ts';
import type { StoredRecord } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { guarded } from './guard.ts';

const MAX_ALERTS = 1000;
const MAX_NAME = 200;
const MAX_NOTE = 10_000;
const { TriageAction } = v1;

/** Handler of atalaya.v1.Collector/Triage. */
export function triageHandler(store: Store, own: OwnRun, nowNs: () => bigint, access: Access) {
  return guarded(access, 'triage', (request: TriageRequestMessage, client: Client) =>
    triage({ ...request, author: request.author || client.name }, client, store, own, nowNs),
  );
}

/** Throws E_REQUEST or E_NOT_FOUND; then nothing was stored. */
async function triage(
  request: TriageRequestMessage,
  client: Client,
  store: Store,
  own: OwnRun,
  nowNs: () => bigint,
): Promise<TriageResponseMessage> {
  assertRequest(request);
  const alerts = (request.uuids ?? []).map((uuid) => alertOf(uuid, client, store));
  const timeNs = nowNs();
  await Promise.all(
    alerts.map((alert) => own.raise({ type: 'triage', triage: recordOf(request, client.name, alert, timeNs, store) })),
  );
  return { states: alerts.map(({ columns }) => store.triage.state(columns.uuid) ?? {}) };
}

function recordOf(
  request: TriageRequestMessage,
  client: string,
  alert: StoredRecord,
  timeNs: bigint,
  store: Store,
): TriageRecordMessage {
  const { uuid, storedNs } = alert.columns;
  const isFirst = store.triage.state(uuid) === undefined;
  return {
    uuid,
    timeNs: toInt64(timeNs),
    author: request.author ?? '',
    action: request.action ?? 0,
    assignee: request.action === TriageAction.TRIAGE_ACTION_ASSIGN ? (request.assignee ?? '') : '',
    note: request.note ?? '',
    client,
    // 0 means that it is not the first.
    ...(isFirst ? { responseNs: toInt64(timeNs > storedNs ? timeNs - storedNs : 1n) } : {}),
  };
}

/** An alert that the client may not see is none. */
function alertOf(uuid: string, { namespaces }: Client, store: Store): StoredRecord {
  const alert = store.find(uuid);
  if (alert === undefined || namespaces?.includes(alert.columns.namespace) === false)
    throw new AtalayaError('E_NOT_FOUND', safeLine(`no alert ${uuid} is stored`));
  return alert;
}

function assertRequest({ uuids, action, author, assignee, note }: TriageRequestMessage): void {
  if (!uuids?.length) throw wrong('no alert is named');
  if (uuids.length > MAX_ALERTS) throw wrong(`${uuids.length} alerts; expected at most ${MAX_ALERTS}`);
  if (new Set(uuids).size !== uuids.length) throw wrong('an alert is named twice');
  if (!action || TriageAction[action] === undefined) throw wrong('no action that this collector knows');
  if (!author) throw wrong('no author is named');
  if (author.length > MAX_NAME || (assignee ?? '').length > MAX_NAME) {
    throw wrong(`a name is longer than ${MAX_NAME} characters`);
  }
  if ((note ?? '').length > MAX_NOTE) throw wrong(`the note is longer than ${MAX_NOTE} characters`);
  if (action === TriageAction.TRIAGE_ACTION_NOTE && !note) throw wrong('the note is empty');
}

function wrong(message: string): AtalayaError {
  return new AtalayaError('E_REQUEST', message);
}
