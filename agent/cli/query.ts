import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  connect,
  type QueryOptions,
  type QueryPage,
  type QueryResult,
  type Status,
} from '../../collector/client/client.ts';
import type { Priority } from '../events/alert.ts';
import { isoTime } from '../lib/iso-time.ts';
import { jsonText } from '../lib/json-text.ts';
import { safeLine } from '../lib/safe-text.ts';
import { alertMembers } from '../outputs/alert-json.ts';
import { alertLine } from './alert-line.ts';
import { type CollectorFlags, connectOptions, withCollectorFlags } from './collector-flags.ts';
import { collect, command } from './command.ts';
import { readPriority } from './priority-flag.ts';
import { readSince, SINCE_FORMS } from './since.ts';
import { STATUS_NAMES } from './triage-names.ts';

interface Flags extends CollectorFlags {
  readonly filter?: readonly string[];
  readonly node?: readonly string[];
  readonly namespace?: readonly string[];
  readonly rule?: readonly string[];
  readonly tag?: readonly string[];
  readonly priority?: Priority;
  readonly since?: bigint;
  readonly until?: bigint;
  readonly status?: Status;
  readonly uuid?: string;
  readonly limit: number;
  readonly json?: true;
}

const EXAMPLE = `atalaya query --since 7d --namespace shop --priority critical
atalaya query '"/etc/shadow" cat*' --filter 'proc.name = cat'`;
const DEFAULT_LIMIT = 100;
const PAGE = 1000;

export function create(): Command {
  const query = command('query', 'show stored alerts, newest first', EXAMPLE);
  return withCollectorFlags(query)
    .argument('[text]', `words that must all be in the output; "in quotes" they follow each other, word* begins so`)
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
    .option('--since <time>', `that happened since ${SINCE_FORMS}`, readSince)
    .option('--until <time>', 'that happened before a time of the same forms', readSince)
    .addOption(new Option('--status <status>', 'only alerts that stand so').choices(STATUS_NAMES))
    .option('--uuid <uuid>', 'only this alert')
    .option('--limit <number>', 'at most so many', readLimit, DEFAULT_LIMIT)
    .option('--json', 'JSON lines, with what was said of each alert')
    .action(run);
}

async function run(text: string | undefined, flags: Flags): Promise<void> {
  const connection = connect(connectOptions(flags));
  const wanted = requestOf(text, flags);
  try {
    let left = flags.limit;
    for (let pageToken: string | undefined = ''; pageToken !== undefined && left > 0; ) {
      const page: QueryPage = await connection.query({ ...wanted, pageToken, limit: Math.min(left, PAGE) });
      for (const result of page.results) show(result, flags);
      left -= page.results.length;
      if (pageToken === '' && page.unindexed > 0) tellBehind(page.unindexed);
      pageToken = page.nextPageToken;
    }
  } finally {
    connection.close();
  }
}

function requestOf(text: string | undefined, flags: Flags): QueryOptions {
  const { filter = [], node = [], namespace = [], rule = [], tag = [], priority, since, until, status, uuid } = flags;
  return {
    filters: filter,
    nodes: node,
    namespaces: namespace,
    rules: rule,
    tags: tag,
    withTriage: true,
    ...(text === undefined ? {} : { text }),
    ...(priority === undefined ? {} : { priority }),
    ...(since === undefined ? {} : { fromNs: since }),
    ...(until === undefined ? {} : { toNs: until }),
    ...(status === undefined ? {} : { statuses: [status] }),
    ...(uuid === undefined ? {} : { uuid }),
  };
}

function show({ envelope, triage }: QueryResult, { json }: Flags): void {
  const { body } = envelope;
  if (body.type !== 'alert') return;
  if (json) {
    const said = triage && {
      status: triage.status,
      assignee: triage.assignee,
      entries: triage.entries.map(({ timeNs, ...entry }) => ({ time: isoTime(timeNs), ...entry })),
    };
    process.stdout.write(`${jsonText({ ...alertMembers(body.alert), triage: said })}\n`);
    return;
  }
  const stands = triage === undefined ? '' : ` [${triage.status}${triage.assignee && `, ${triage.assignee}`}]`;
  process.stdout.write(`${alertLine(body.alert)}${safeLine(stands)}\n`);
}

function tellBehind(unindexed: number): void {
  process.stderr.write(
    `atalaya: the newest ${unindexed} records cannot be searched for words yet; try again in a moment\n`,
  );
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('Expected a number from 1 to 9999999.');
  return Number(text);
}
