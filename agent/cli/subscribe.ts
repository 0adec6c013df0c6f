import { closeSync } from 'node:fs';
import type { Command } from 'commander';
import {
  type SubscribeNotice,
  type SubscribeOptions,
  type SubscriptionItem,
  subscribe,
} from '../../collector/client/client.ts';
import type { Amendment, Priority } from '../events/alert.ts';
import { jsonText } from '../lib/json-text.ts';
import { safeLine } from '../lib/safe-text.ts';
import { alertMembers, amendmentMembers } from '../outputs/alert-json.ts';
import { LineWriter } from '../outputs/line-writer.ts';
import { withoutBlocking } from '../outputs/stdout.ts';
import { alertLine, gapLine } from './alert-line.ts';
import { type CollectorFlags, connectOptions, withCollectorFlags } from './collector-flags.ts';
import { collect, command } from './command.ts';
import { readPriority } from './priority-flag.ts';
import { onReaderGone } from './reader-gone.ts';
import { untilAskedToEnd } from './signals.ts';
import { readSince, SINCE_FORMS } from './since.ts';

interface Flags extends CollectorFlags {
  readonly filter?: readonly string[];
  readonly node?: readonly string[];
  readonly rule?: readonly string[];
  readonly tag?: readonly string[];
  readonly priority?: Priority;
  readonly since?: bigint;
  readonly cursor?: string;
  /** False: end when all that is stored was shown. */
  readonly follow: boolean;
  readonly json?: true;
  readonly namespace?: readonly string[];
  readonly name?: string;
}

const EXAMPLE = `atalaya subscribe --since 1h --filter 'proc.name = bash and container.id != host'`;
/** Lines that wait for a slow reader; then no more are asked of the collector. */
const WAITING_BYTES = 1024 * 1024;

export function create(): Command {
  return withCollectorFlags(command('subscribe', 'show alerts as a collector stores them', EXAMPLE))
    .option(
      '--filter <condition>',
      "condition in the rules' language over an alert's fields (may be repeated)",
      collect,
    )
    .option('--node <name>', 'only of this node (may be repeated: of any of them)', collect)
    .option('--namespace <name>', 'only of this namespace of Kubernetes (may be repeated)', collect)
    .option('--rule <name>', 'only of this rule (may be repeated)', collect)
    .option('--tag <tag>', 'only with this tag (may be repeated)', collect)
    .option('--priority <priority>', 'only of this priority and more urgent ones', readPriority)
    .option('--since <time>', `begin with what was stored since ${SINCE_FORMS}`, readSince)
    .option('--cursor <cursor>', 'go on after the alert that this cursor came with')
    .option('--name <name>', 'let the collector remember how far this one came: the next of that name goes on there')
    .option('--no-follow', 'end when all that is stored was shown')
    .option('--json', 'JSON lines, each with a cursor')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const abort = new AbortController();
  const end = (): void => abort.abort();
  void untilAskedToEnd().then(end);
  const descriptor = withoutBlocking(1);
  const lines = new LineWriter({
    descriptor: () => descriptor,
    limitBytes: Number.POSITIVE_INFINITY,
    onNotice: ({ kind }) => kind === 'gone' && end(),
  });
  const stopWatching = onReaderGone(end);
  let cursor = flags.cursor;
  try {
    for await (const item of subscribe({ ...requestOf(flags), signal: abort.signal })) {
      cursor = item.cursor;
      show(item, flags, (line) => lines.add(line));
      if (lines.stats().waitingBytes > WAITING_BYTES) await lines.flush();
      if (!flags.follow && item.type === 'progress' && item.live) break;
    }
  } finally {
    stopWatching();
    await lines.close();
    if (descriptor !== 1) closeSync(descriptor);
  }
  if (cursor !== undefined) say(`go on with --cursor ${cursor}`);
}

function requestOf(flags: Flags): SubscribeOptions {
  const { filter = [], node = [], rule = [], tag = [], namespace = [], priority, since, cursor, name } = flags;
  return {
    ...connectOptions(flags),
    filters: filter,
    nodes: node,
    rules: rule,
    tags: tag,
    namespaces: namespace,
    // Gaps are told too: an alert that is missing for them would otherwise not be missed.
    allKinds: true,
    ...(priority === undefined ? {} : { priority }),
    ...(since === undefined ? {} : { sinceNs: since }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(name === undefined ? {} : { name }),
    onNotice: (notice) => say(noticeText(notice, flags.address)),
  };
}

function show(item: SubscriptionItem, flags: Flags, print: (line: string) => void): void {
  if (item.type === 'dropped') {
    const left = `${item.count} records were left out`;
    if (item.gone) say(`${left}: they are older than what the collector keeps`);
    else say(`too slow: ${left}; they can be read with --cursor ${item.fromCursor}`);
  }
  if (item.type !== 'record') return;
  const { agentId, body } = item.envelope;
  if (body.type === 'gap') say(gapLine(agentId, body.gap));
  if (body.type === 'amendment') {
    if (flags.json) print(jsonText({ cursor: item.cursor, ...amendmentMembers(body.amendment) }));
    else say(amendmentLine(body.amendment));
  }
  if (body.type !== 'alert') return;
  // The collector's own alerts come whatever was asked for: beside what was asked for they are told, as gaps are.
  if (agentId.startsWith('@') && isChoosy(flags)) {
    say(alertLine(body.alert));
    return;
  }
  print(flags.json ? jsonText({ cursor: item.cursor, ...alertMembers(body.alert) }) : alertLine(body.alert));
}

/** Which of it a line has room for. */
const TOLD = ['container.name', 'container.image.repository', 'k8s.ns.name', 'k8s.pod.name'];

function amendmentLine({ uuid, context }: Amendment): string {
  const told = TOLD.flatMap((name) => (context[name] ? [`${name}=${String(context[name])}`] : []));
  return `more is known of alert ${uuid}: ${told.length === 0 ? Object.keys(context).join(' ') : told.join(' ')}`;
}

/** Asks for some alerts only. */
function isChoosy({ filter, rule, tag, priority, namespace }: Flags): boolean {
  return [filter, rule, tag, priority, namespace].some((flag) => flag !== undefined);
}

function noticeText(notice: SubscribeNotice, address: string): string {
  return notice.kind === 'connected' ? `connected to ${address}` : `not connected: ${notice.reason}; trying again`;
}

/** On standard error: what is said of the alerts is not one of them. */
function say(text: string): void {
  process.stderr.write(`atalaya: ${safeLine(text)}\n`);
}
