import type { Log } from '../log.ts';

/** Service managers and people wait so long before they get impatient. */
const LIMIT_MS = 1900;

/**
 * Ends the parts of a program, and the program itself when they take too long: what was raised is on disk by then, and
 * what was not shown or sent yet comes with the next start.
 */
export async function endInTime(log: Log, stop: () => Promise<void>): Promise<void> {
  const timer = setTimeout(() => {
    log.warn('ended before all was shown or sent');
    process.exit();
  }, LIMIT_MS);
  await stop();
  clearTimeout(timer);
  log.info('ended');
}
