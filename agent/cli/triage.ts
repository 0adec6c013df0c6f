import { userInfo } from 'node:os';
import { Argument, type Command } from 'commander';
import { type Action, connect, type Triage } from '../../collector/client/client.ts';
import { AtalayaError } from '../lib/errors.ts';
import { isoTime } from '../lib/iso-time.ts';
import { jsonText } from '../lib/json-text.ts';
import { safeLine } from '../lib/safe-text.ts';
import { type CollectorFlags, connectOptions, withCollectorFlags } from './collector-flags.ts';
import { command } from './command.ts';
import { ACTION_NAMES } from './triage-names.ts';

interface Flags extends CollectorFlags {
  readonly author?: string;
  readonly to?: string;
  readonly note?: string;
  readonly json?: true;
}

const EXAMPLE = `atalaya triage acknowledge 5d3c1c1e-77b4-8f10-9a56-0a6d8f7b2e11
atalaya triage false-positive 5d3c1c1e-77b4-8f10-9a56-0a6d8f7b2e11 --note 'the backup does this'
atalaya triage assign 5d3c1c1e-77b4-8f10-9a56-0a6d8f7b2e11 --to ana`;

export function create(): Command {
  return withCollectorFlags(command('triage', 'say what is to be thought of alerts', EXAMPLE))
    .addArgument(new Argument('<action>', 'what is done').choices(ACTION_NAMES))
    .argument('<uuid...>', 'the alerts')
    .option('--author <name>', 'who says it; default: the user who runs this')
    .option('--to <name>', 'to whom it is assigned; empty = to nobody any more')
    .option('--note <text>', 'a remark')
    .option('--json', 'JSON lines')
    .action(run);
}

async function run(action: Action, uuids: readonly string[], flags: Flags): Promise<void> {
  const { author = userInfo().username, to, note } = flags;
  if ((action === 'assign') !== (to !== undefined)) {
    throw new AtalayaError('E_USAGE', '--to says to whom an alert is assigned: with `assign`, and only there');
  }
  const connection = connect(connectOptions(flags));
  try {
    const request = { uuids, action, author, ...(to === undefined ? {} : { assignee: to }) };
    const states = await connection.triage({ ...request, ...(note === undefined ? {} : { note }) });
    states.forEach((state, index) => {
      process.stdout.write(flags.json ? jsonLine(uuids[index] ?? '', state) : textOf(uuids[index] ?? '', state));
    });
  } finally {
    connection.close();
  }
}

function textOf(uuid: string, { status, assignee, entries }: Triage): string {
  const head = `${uuid} ${status}${assignee === '' ? '' : `, of ${assignee}`}`;
  const lines = entries.map(({ timeNs, author, action, assignee: to, note }) => {
    return `  ${isoTime(timeNs).slice(0, 19)}Z ${author}: ${action}${to === '' ? '' : ` to ${to}`}${note === '' ? '' : `: ${note}`}`;
  });
  return [head, ...lines].map((line) => `${safeLine(line)}\n`).join('');
}

function jsonLine(uuid: string, { status, assignee, entries }: Triage): string {
  const said = entries.map(({ timeNs, ...entry }) => ({ time: isoTime(timeNs), ...entry }));
  return `${jsonText({ uuid, status, assignee, entries: said })}\n`;
}
