import { closeSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import {
  type SubscribeNotice,
  type SubscribeOptions,
  type SubscriptionItem,
  subscribe,
} from '../../collector/client/client.ts';
import { DEFAULT_GRPC_ADDRESS } from '../../proto/channel.ts';
import { securityOf } from '../config/security.ts';
import { PRIORITIES, type Priority } from '../events/alert.ts';
import { jsonText } from '../lib/json-text.ts';
import { safeLine } from '../lib/safe-text.ts';
import { alertMembers } from '../outputs/alert-json.ts';
import { LineWriter } from '../outputs/line-writer.ts';
import { withoutBlocking } from '../outputs/stdout.ts';
import { alertLine, gapLine } from './alert-line.ts';
import { collect, command } from './command.ts';
import { onReaderGone } from './reader-gone.ts';
import { untilAskedToEnd } from './signals.ts';
import { parseSince, SINCE_FORMS } from './since.ts';

interface Flags {
  readonly address: string;
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
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: true;
}

const EXAMPLE = `atalaya subscribe --since 1h --filter 'proc.name = bash and container.id != host'`;
/** Lines that wait for a slow reader; then no more are asked of the collector. */
const WAITING_BYTES = 1024 * 1024;

export function create(): Command {
  return command('subscribe', 'show alerts as a collector stores them', EXAMPLE)
    .option('--address <address>', "the collector's: HOST:PORT or unix:PATH", DEFAULT_GRPC_ADDRESS)
    .option(
      '--filter <condition>',
      "condition in the rules' language over an alert's fields (may be repeated)",
      collect,
    )
    .option('--node <name>', 'only of this node (may be repeated: of any of them)', collect)
    .option('--rule <name>', 'only of this rule (may be repeated)', collect)
    .option('--tag <tag>', 'only with this tag (may be repeated)', collect)
    .option('--priority <priority>', 'only of this priority and more urgent ones', readPriority)
    .option('--since <time>', `begin with what was stored since ${SINCE_FORMS}`, readSince)
    .option('--cursor <cursor>', 'go on after the alert that this cursor came with')
    .option('--no-follow', 'end when all that is stored was shown')
    .option('--json', 'JSON lines, each with a cursor')
    .option('--tls', "encrypt, and check the collector's certificate")
    .option('--tls-ca <file>', 'who signs that certificate (PEM); otherwise whom Node.js trusts')
    .option('--tls-cert <file>', 'own certificate (PEM)')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--insecure', 'plain text to a collector on another machine')
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
  const { address, filter = [], node = [], rule = [], tag = [], priority, since, cursor } = flags;
  const tls = { ca: flags.tlsCa ?? '', cert: flags.tlsCert ?? '', key: flags.tlsKey ?? '' };
  return {
    address,
    filters: filter,
    nodes: node,
    rules: rule,
    tags: tag,
    // Gaps are told too: an alert that is missing for them would otherwise not be missed.
    allKinds: true,
    ...(flags.tls ? { tls: {} } : {}),
    ...securityOf({ insecure: flags.insecure === true, tls }),
    ...(priority === undefined ? {} : { priority }),
    ...(since === undefined ? {} : { sinceNs: since }),
    ...(cursor === undefined ? {} : { cursor }),
    onNotice: (notice) => say(noticeText(notice, address)),
  };
}

function show(item: SubscriptionItem, { json }: Flags, print: (line: string) => void): void {
  if (item.type === 'dropped') {
    say(`too slow: ${item.count} records were left out; they can be read with --cursor ${item.fromCursor}`);
  }
  if (item.type !== 'record') return;
  const { agentId, body } = item.envelope;
  if (body.type === 'gap') say(gapLine(agentId, body.gap));
  if (body.type !== 'alert') return;
  print(json ? jsonText({ cursor: item.cursor, ...alertMembers(body.alert) }) : alertLine(body.alert));
}

function noticeText(notice: SubscribeNotice, address: string): string {
  return notice.kind === 'connected' ? `connected to ${address}` : `not connected: ${notice.reason}; trying again`;
}

/** On standard error: what is said of the alerts is not one of them. */
function say(text: string): void {
  process.stderr.write(`atalaya: ${safeLine(text)}\n`);
}

function readPriority(text: string): Priority {
  const found = PRIORITIES.find((priority) => priority.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${PRIORITIES.join(', ')}.`);
  return found;
}

function readSince(text: string): bigint {
  const sinceNs = parseSince(text, Date.now());
  if (sinceNs === undefined) throw new InvalidArgumentError(`Expected ${SINCE_FORMS}.`);
  return sinceNs;
}
