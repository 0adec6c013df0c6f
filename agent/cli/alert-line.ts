import type { Alert } from '../events/alert.ts';
import type { Gap } from '../events/gap.ts';
import { isoTime } from '../lib/iso-time.ts';
import { safeLine } from '../lib/safe-text.ts';

/** An alert as one line for people: time, node, priority, rule, message. Safe to print whatever is in it. */
export function alertLine(alert: Alert): string {
  const { timeNs, hostname, priority, rule, completeness } = alert;
  const lacking = completeness === 'complete' ? '' : ` [may lack: ${completeness.join(', ')}]`;
  const message = messageOf(alert);
  // Many outputs begin with the name of their rule.
  const said = message.startsWith(rule) ? message : `${rule}: ${message}`;
  return safeLine(`${shortTime(timeNs)} ${hostname} ${priority} ${said}${lacking}`);
}

/** What was lost, as one line. */
export function gapLine(node: string, { stage, cause, kind, lane, count, fromNs, toNs }: Gap): string {
  const what = stage === 'spool' ? 'records' : `events${kind === undefined ? '' : ` of ${kind}`}`;
  const where = lane === undefined ? stage : `${stage}, lane ${lane}`;
  const when = `between ${shortTime(fromNs)} and ${shortTime(toNs)}`;
  return safeLine(`${node} lost ${count} ${what} ${when} (${where}: ${cause})`);
}

/** The output begins with time and priority, which the line has already. */
function messageOf({ output, priority }: Alert): string {
  const [, message = output] = new RegExp(`^\\S+: ${priority} (.*)$`, 's').exec(output) ?? [];
  return message;
}

/** To the millisecond, UTC. */
function shortTime(timeNs: bigint): string {
  return `${isoTime(timeNs).slice(0, -7)}Z`;
}
