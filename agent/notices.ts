import type { WatchNotice } from './kubernetes/pod-watch.ts';
import type { Log } from './log.ts';
import type { ForwarderNotice } from './outputs/forwarder.ts';
import type { OutputNotice } from './outputs/line-writer.ts';
import type { SpoolNotice } from './outputs/spool.ts';
import type { SourceNotice } from './runtime/guarded-source.ts';

/** Writes what parts of the agent tell once for each change of state into its log. */
export function tellSpool(log: Log, notice: SpoolNotice): void {
  switch (notice.kind) {
    case 'damaged':
      log.warn({ setAside: notice.setAside }, 'the spool was damaged; it was set aside and a new one begun');
      return;
    case 'failing':
      log.error({ error: notice.error.message }, 'the spool cannot be written; alerts wait in memory');
      return;
    case 'recovered':
      log.info('the spool can be written again');
      return;
    case 'dropped':
      log.warn({ count: notice.gap.count }, 'the spool is full; the oldest of the least urgent were dropped');
      return;
    case 'listener':
      log.error({ error: notice.error.message }, 'an output failed at a commit');
      return;
    case 'unraised':
      log.error(
        { alerts: notice.alerts, shed: notice.shed },
        'the spool could not be written to the end; alerts that waited in memory were never raised',
      );
  }
}

export function tellOutput(log: Log, output: string, notice: OutputNotice): void {
  switch (notice.kind) {
    case 'failing':
      log.error({ output, error: notice.error.message }, 'the output cannot be written; tried again');
      return;
    case 'recovered':
      log.info({ output }, 'the output can be written again');
      return;
    case 'dropping':
      log.warn({ output }, 'the output is too slow; alerts are left out of it and counted');
      return;
    case 'gone':
      log.warn({ output }, 'nobody reads the output any more');
  }
}

export function tellForwarder(log: Log, notice: ForwarderNotice): void {
  const { address: collector } = notice;
  if (notice.kind === 'connected') log.info({ collector }, 'connected to the collector');
  else log.warn({ collector, reason: notice.reason }, 'no connection to the collector; alerts wait in the spool');
}

export function tellRuntime(log: Log, notice: SourceNotice): void {
  const { source } = notice;
  if (notice.kind === 'recovered') log.info({ source }, 'the container runtime answers again');
  else log.warn({ source, reason: notice.reason }, 'the container runtime does not answer; what it knows is missing');
}

export function tellCluster(log: Log, server: string, notice: WatchNotice): void {
  if (notice.kind === 'watching') log.info({ server, pods: notice.pods }, 'the pods of this node are watched');
  else log.warn({ server, reason: notice.reason }, 'the cluster does not tell of pods; what it knows is missing');
}
