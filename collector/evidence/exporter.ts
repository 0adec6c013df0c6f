import type { PartitionInfo, Store } from '../store/store.ts';
import { exportPartition, isExported } from './export.ts';

export type ExportNotice =
  | { readonly kind: 'exported'; readonly path: string; readonly records: number }
  | { readonly kind: 'export-failing'; readonly error: Error };

export interface ExporterOptions {
  readonly store: Pick<Store, 'after' | 'partitions'>;
  /** Undefined: nothing is exported. */
  readonly folder: string | undefined;
  readonly onNotice: (notice: ExportNotice) => void;
  /** Default one minute. */
  readonly everyMs?: number;
}

const EVERY_MS = 60_000;

/** Exports partitions to which nothing is added any more, one after another, soon after they are closed. */
export function startExporter({ store, folder, onNotice, everyMs = EVERY_MS }: ExporterOptions) {
  let failing = false;
  let running: Promise<void> | undefined;
  let stopped = false;
  const round = async (to: string): Promise<void> => {
    for (const partition of store.partitions()) {
      if (stopped || !partition.closed || isExported(partition, to)) continue;
      onNotice({ kind: 'exported', ...(await exportPartition(store, partition, to)) });
    }
  };
  const run = (to: string): void => {
    running ??= round(to)
      .then(() => {
        failing = false;
      })
      .catch((cause: unknown) => {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        if (!failing) onNotice({ kind: 'export-failing', error });
        failing = true;
      })
      .finally(() => {
        running = undefined;
      });
  };
  const timer = folder === undefined ? undefined : setInterval(run, everyMs, folder).unref();
  if (folder !== undefined) run(folder);
  return {
    /** What is to be exported is not dropped before. */
    mayDrop: (partition: PartitionInfo): boolean => folder === undefined || isExported(partition, folder),
    /** Waits for the partition that is being exported. */
    stop: async (): Promise<void> => {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
