import type { Command } from 'commander';
import { type AgentInfo, connect } from '../../collector/client/client.ts';
import { isoTime } from '../lib/iso-time.ts';
import { jsonText } from '../lib/json-text.ts';
import { type CollectorFlags, connectOptions, withCollectorFlags } from './collector-flags.ts';
import { command } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { textTable } from './text-table.ts';

interface Flags extends CollectorFlags {
  readonly json?: true;
}

const EXAMPLE = 'atalaya agents';
const HEAD = ['node', 'state', 'version', 'last seen', 'clock', 'lost', 'rules', 'losses'];

export function create(): Command {
  return withCollectorFlags(command('agents', 'list the nodes that a collector has heard of', EXAMPLE))
    .argument('[node...]', 'only these')
    .option('--json', 'JSON lines')
    .addHelpText('after', '\nExit code 1 says that a node is silent.')
    .action(async (nodes: readonly string[], flags: Flags) => {
      process.exitCode = await run(nodes, flags);
    });
}

async function run(nodes: readonly string[], flags: Flags): Promise<ExitCode> {
  const connection = connect(connectOptions(flags));
  try {
    const agents = await connection.agents(nodes);
    process.stdout.write(flags.json ? agents.map(jsonLine).join('') : textTable(HEAD, agents.map(row)));
    return agents.some(({ silent }) => silent) ? EXIT.findings : EXIT.done;
  } finally {
    connection.close();
  }
}

function row(agent: AgentInfo): string[] {
  const { agentId, hostname, version, lastSeenNs, clockSkewNs, lost, ruleSetDigest, losses } = agent;
  return [
    hostname === agentId || hostname === '' ? agentId : `${agentId} (${hostname})`,
    stateOf(agent),
    version,
    lastSeenNs === 0n ? 'never' : `${isoTime(lastSeenNs).slice(0, 19)}Z`,
    skewText(clockSkewNs),
    String(lost),
    ruleSetDigest.slice(0, 12),
    losses.map(({ stage, cause, count }) => `${stage} ${cause} ${count}`).join(', '),
  ];
}

function stateOf({ silent, connected }: AgentInfo): string {
  if (silent) return 'silent';
  return connected ? 'connected' : 'not connected';
}

/** To the tenth of a second: records take some hundredths. */
function skewText(skewNs: bigint): string {
  const seconds = Number(skewNs) / 1e9;
  return Math.abs(seconds) < 0.1 ? 'right' : `${seconds > 0 ? '+' : ''}${seconds.toFixed(1)} s`;
}

function jsonLine(agent: AgentInfo): string {
  const { losses, ...rest } = agent;
  return `${jsonText({ ...rest, losses: losses.map((loss) => ({ ...loss })) })}\n`;
}
