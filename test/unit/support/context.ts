import { createBatchReader } from '../../../agent/decode/batch.ts';
import type { Account, Accounts } from '../../../agent/events/accounts.ts';
import type { Event, TaskFacts, Unsigned64 } from '../../../agent/events/event.ts';
import type { CollectedKind } from '../../../agent/events/kinds.ts';
import type { ContainerIdentity } from '../../../agent/events/process.ts';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { type MatchContext, namesOf } from '../../../agent/fields/context.ts';
import type { FieldResult } from '../../../agent/fields/field.ts';
import { HOST } from '../../../agent/state/container-id.ts';
import { createProcessTable, type ProcessTableOptions } from '../../../agent/state/process-table.ts';
import { buildRecord, type Members } from './record-builder.ts';

const ROOT: Account = { name: 'root', homeDirectory: '/root', shell: '/bin/bash' };

export interface PipelineDeps {
  readonly container?: (cgroupId: Unsigned64, pid: number) => ContainerIdentity | undefined;
  readonly lookUp?: (pid: number) => TaskFacts | undefined;
  readonly options?: ProcessTableOptions;
}

/** Decode and state as the agent has them, fed with built records; fields are read from its context. */
export function createPipeline({ container = () => HOST, lookUp = () => undefined, options = {} }: PipelineDeps = {}) {
  const reader = createBatchReader({ machine: 'x86_64', wallOffsetNs: 1_700_000_000_000_000_000n });
  const table = createProcessTable({ container, lookUp }, options);
  let current: MatchContext | undefined;
  let eventNumber = 0;

  const accounts: Accounts = {
    user: (uid) => (uid === 0 ? ROOT : undefined),
    group: (gid) => (gid === 0 ? 'root' : undefined),
  };

  const contextOf = (event: Event): MatchContext => ({
    event,
    process: table.apply(event),
    eventNumber: ++eventNumber,
    processes: table,
    accounts,
    machine: {
      hostname: 'node-1',
      firstEventNs: 1_700_000_000_000_000_000n,
      utcOffsetMinutes: () => 60,
      service: (port) => (port === 443 ? 'https' : undefined),
    },
    names: namesOf(accounts, table),
  });

  return {
    reader,
    table,
    /** Applies one record; its fields can be read until the next. */
    feed(kind: CollectedKind, header: Members = {}, body: Members = {}): MatchContext {
      reader.forEach(buildRecord(kind, header, body), (event) => {
        current = contextOf(event);
      });
      if (current === undefined) throw new Error('the record was not whole');
      return current;
    },
    /** Value of a field for the record that was fed last. */
    field(name: string, argument?: string | number): FieldResult {
      const field = catalogue.find(name);
      if (field === undefined) throw new Error(`no field ${name}`);
      if (current === undefined) throw new Error('nothing was fed');
      return field.get(current, argument);
    },
    /** Values of several fields of the record that was fed last. */
    fields(...names: readonly string[]): FieldResult[] {
      return names.map((name) => this.field(name));
    },
  };
}
