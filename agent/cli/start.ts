import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type Collector, startCollector } from '../../collector/main.ts';
import { SensorError } from '../../native/sensor-error.ts';
import type { Config } from '../config/config.gen.ts';
import { startDemo } from '../demo.ts';
import { createLog, type Log } from '../log.ts';
import { startAgent } from '../main.ts';
import { isThere } from '../storage/is-there.ts';
import { collectorOptions, tellCollector } from './collector.ts';
import { command } from './command.ts';
import { readConfiguration } from './configuration.ts';
import { endInTime } from './ending.ts';
import { keepMemorySmall } from './memory.ts';
import { startInterruptibly } from './signals.ts';
import { version } from './version.ts';

interface Flags {
  readonly config?: string;
  readonly data?: string;
}

const EXAMPLE = `npm start
atalaya start --data /var/lib/atalaya`;
/** In the working directory: what somebody who tries it out can find again, and remove. */
const DEFAULT_DATA = '.atalaya';

export function create(): Command {
  return command('start', 'agent, collector and web page in one process, to try it out', EXAMPLE)
    .option('--config <file>', 'configuration (YAML)')
    .option('--data <dir>', `folder of spool and database; default: ATALAYA_DATA, else ${DEFAULT_DATA}`)
    .action(start);
}

async function start(flags: Flags): Promise<void> {
  keepMemorySmall();
  const { config, warnings } = readStartConfiguration(flags);
  const log = createLog(config.log.level);
  for (const { place, message } of warnings) log.warn({ place }, message);
  const { started, asked } = await startInterruptibly((works) => startBoth(config, log, works));
  const signal = await asked;
  log.info({ signal }, 'ending');
  await endInTime(log, async () => {
    await started.events.stop();
    await started.collector.stop();
  });
}

async function startBoth(
  config: Config,
  log: Log,
  onWorks: () => void,
): Promise<{ collector: Collector; events: Events }> {
  const collector = await startCollector(collectorOptions(config, (notice) => tellCollector(log, notice)));
  const { address, httpAddress } = collector;
  log.info({ grpc: address, http: httpAddress ?? 'none', data: config.data }, 'the collector listens');
  let events: Events;
  try {
    events = await startEvents({ ...config, collector: { ...config.collector, address } }, log, onWorks);
  } catch (error) {
    await collector.stop();
    throw error;
  }
  if (httpAddress !== undefined) process.stderr.write(`atalaya: the page is at http://${httpAddress}/\n`);
  process.stderr.write(`atalaya: subscribe with: atalaya subscribe --address ${address}\n`);
  return { collector, events };
}

interface Events {
  stop(): Promise<void>;
}

function readStartConfiguration({ config: file, data }: Flags) {
  const flags = [{ path: ['data'], value: data, flag: '--data' }];
  const given = readConfiguration({ file, flags });
  if (given.place(['data']) !== undefined) return given;
  return readConfiguration({ file, flags: [{ path: ['data'], value: DEFAULT_DATA, flag: '--data' }] });
}

/** This machine's events where the kernel allows it, else those of the capture that comes with Atalaya. */
async function startEvents(config: Config, log: Log, onWorks: () => void): Promise<Events> {
  try {
    const agent = await startAgent({ config, version: version(), log, onWorks });
    process.stderr.write('atalaya: this machine is watched live\n');
    return agent;
  } catch (error) {
    if (!(error instanceof SensorError)) throw error;
    process.stderr.write(`atalaya: this machine cannot be watched: ${error.message}. ${error.hint}\n`);
  }
  const capture = bundledCapture();
  process.stderr.write(`atalaya: the capture ${capture} is replayed instead\n`);
  const demo = await startDemo({ config, version: version(), log, capture, onWorks });
  if (demo.raisedEarlier)
    process.stderr.write('atalaya: an earlier start has raised its alerts; the page shows them\n');
  return demo;
}

/** Beside the sources, or above dist/. */
function bundledCapture(): string {
  const places = ['../../', '../../../'].map((place) =>
    join(fileURLToPath(new URL(place, import.meta.url)), 'rules/demo/first-alerts.cap'),
  );
  return places.find((place) => isThere(place)) ?? places[0] ?? '';
}
