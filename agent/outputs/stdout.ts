import { alertJson } from './alert-json.ts';
import { LineWriter, type OutputNotice } from './line-writer.ts';
import type { Output } from './output.ts';

export interface StdoutOptions {
  /** Default 1. */
  readonly descriptor?: number;
  /** Default 16 MiB; Infinity where the writer waits for `flush`, as a replay does. */
  readonly limitBytes?: number;
  readonly onNotice?: (notice: OutputNotice) => void;
}

/** Alerts as JSON lines on standard output. */
export function createStdoutOutput(options: StdoutOptions = {}): Output {
  const { descriptor = 1, limitBytes, onNotice = () => {} } = options;
  const lines = new LineWriter({
    descriptor: () => descriptor,
    onNotice,
    ...(limitBytes === undefined ? {} : { limitBytes }),
  });
  return {
    name: 'stdout',
    write: (bodies) => {
      for (const body of bodies) if (body.type === 'alert') lines.add(alertJson(body.alert));
    },
    stats: () => lines.stats(),
    flush: () => lines.flush(),
    close: () => lines.close(),
  };
}
