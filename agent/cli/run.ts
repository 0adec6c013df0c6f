import type { Command } from 'commander';
import { createLog } from '../log.ts';
import { type Agent, startAgent } from '../main.ts';
import { collect, command } from './command.ts';
import { readConfiguration } from './configuration.ts';
import { endInTime } from './ending.ts';
import { keepMemorySmall } from './memory.ts';
import { startInterruptibly } from './signals.ts';
import { version } from './version.ts';

interface Flags {
  readonly config?: string;
  readonly rules?: readonly string[];
  readonly output?: readonly string[];
  readonly collector?: string;
  readonly data?: string;
  readonly http?: string;
}

const EXAMPLE = `atalaya run --rules my-rules.yaml --output stdout
atalaya run --config /etc/atalaya/atalaya.yaml --collector collector.example:5065`;

export function create(): Command {
  return command('run', 'watch this node and raise alerts', EXAMPLE)
    .option('--config <file>', 'configuration (YAML); flags count more')
    .option(
      '--rules <path>',
      'rule file or folder (may be repeated); default: the rules that come with Atalaya',
      collect,
    )
    .option('--output <output>', 'where alerts go beside the collector: stdout, file:PATH (may be repeated)', collect)
    .option('--collector <address>', "the collector's gRPC address: HOST:PORT, unix:PATH, several with commas, or none")
    .option('--data <dir>', 'folder of the spool')
    .option('--http <address>', 'where /metrics, /healthz and /readyz are; none = nowhere')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  keepMemorySmall();
  const { config, warnings } = readConfiguration({
    file: flags.config,
    flags: [
      { path: ['rules', 'paths'], value: flags.rules, flag: '--rules' },
      { path: ['outputs'], value: flags.output, flag: '--output' },
      { path: ['collector', 'address'], value: flags.collector, flag: '--collector' },
      { path: ['data'], value: flags.data, flag: '--data' },
      { path: ['http'], value: flags.http, flag: '--http' },
    ],
  });
  const log = createLog(config.log.level);
  for (const { place, message } of warnings) log.warn({ place }, message);
  let agent: Agent | undefined;
  // From here on: one that comes early must not end the agent, and files are about to be opened and read anyhow.
  process.on('SIGHUP', () => {
    agent?.reopen();
    void agent?.reload();
  });
  const { started, asked } = await startInterruptibly(
    (onWorks) => startAgent({ config, version: version(), log, onWorks }),
    ['SIGINT', 'SIGTERM'],
  );
  agent = started;
  const signal = await asked;
  log.info({ signal }, 'ending');
  await endInTime(log, () => started.stop());
}
