import { type Logger, pino } from 'pino';
import type { Config } from './config/config.gen.ts';
import { safeJson } from './lib/json-text.ts';

export type Log = Logger;

/**
 * The program's own log: JSON lines on standard error, one event a line, safe to print whatever names are in them. Lines
 * are written before the call returns, so that the last one before an end is not lost.
 */
export function createLog(level: Config['log']['level']): Log {
  const destination = pino.destination({ dest: 2, sync: true });
  // Nobody reads the log: that is no reason to end.
  destination.on('error', () => {});
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => destination.write(`${safeJson(line.slice(0, -1))}\n`) },
  );
}
