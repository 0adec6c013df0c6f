import type { Command } from 'commander';
import { type CollectorNotice, type CollectorOptions, startCollector } from '../../collector/main.ts';
import type { Config } from '../config/config.gen.ts';
import { securityOf } from '../config/security.ts';
import { createLog, type Log } from '../log.ts';
import { collect, command } from './command.ts';
import { readConfiguration } from './configuration.ts';
import { untilAskedToEnd } from './signals.ts';
import { version } from './version.ts';

interface Flags {
  readonly config?: string;
  readonly listen?: string;
  readonly http?: string;
  readonly data?: string;
  readonly httpOpen?: true;
  readonly httpHost?: readonly string[];
  readonly insecure?: true;
  readonly clients?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
}

const EXAMPLE = 'atalaya collector --listen 0.0.0.0:5065 --tls-cert tls.crt --tls-key tls.key --data /var/lib/atalaya';

export function create(): Command {
  return command(
    'collector',
    'take alerts from agents, keep them, and give them to subscribers and a web page',
    EXAMPLE,
  )
    .option('--config <file>', 'configuration (YAML); flags count more')
    .option('--listen <address>', 'where agents and subscribers connect (gRPC): HOST:PORT or unix:PATH')
    .option('--http <address>', 'where the page, /metrics, /healthz and /readyz are; none = nowhere')
    .option('--data <dir>', 'folder of the database')
    .option('--http-open', 'show the page with its alerts to other machines too, without a login')
    .option('--http-host <name>', 'name under which browsers reach the page (may be repeated)', collect)
    .option('--clients <file>', 'clients that may subscribe and ask (YAML); otherwise whoever can connect')
    .option('--tls-cert <file>', 'certificate of the collector (PEM)')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--tls-ca <file>', 'who signs the certificates that clients must then have (PEM)')
    .option('--insecure', 'take plain text from other machines')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { config, warnings } = readConfiguration({
    file: flags.config,
    flags: [
      { path: ['server', 'listen'], value: flags.listen, flag: '--listen' },
      { path: ['server', 'http'], value: flags.http, flag: '--http' },
      { path: ['data'], value: flags.data, flag: '--data' },
      { path: ['server', 'http_open'], value: flags.httpOpen, flag: '--http-open' },
      { path: ['server', 'http_hosts'], value: flags.httpHost, flag: '--http-host' },
      { path: ['server', 'insecure'], value: flags.insecure, flag: '--insecure' },
      { path: ['server', 'clients'], value: flags.clients, flag: '--clients' },
      { path: ['server', 'tls', 'cert'], value: flags.tlsCert, flag: '--tls-cert' },
      { path: ['server', 'tls', 'key'], value: flags.tlsKey, flag: '--tls-key' },
      { path: ['server', 'tls', 'ca'], value: flags.tlsCa, flag: '--tls-ca' },
    ],
  });
  const log = createLog(config.log.level);
  for (const { place, message } of warnings) log.warn({ place }, message);
  const ended = untilAskedToEnd();
  const collector = await startCollector(collectorOptions(config, (notice) => tellCollector(log, notice)));
  const { address, httpAddress } = collector;
  log.info({ grpc: address, http: httpAddress ?? 'none', data: config.data, version: version() }, 'ready');
  const signal = await ended;
  log.info({ signal }, 'ending');
  await collector.stop();
  log.info('ended');
}

/** What a configuration means for the collector. */
export function collectorOptions(
  { server, data }: Pick<Config, 'server' | 'data'>,
  onNotice: (notice: CollectorNotice) => void,
): CollectorOptions {
  return {
    dataDir: data,
    listen: server.listen,
    ...(server.http === 'none' ? {} : { http: server.http }),
    httpOpen: server.http_open,
    httpHosts: server.http_hosts,
    retention: { days: server.retention_days, bytes: server.retention_gib * 1024 ** 3 },
    ...(server.clients === '' ? {} : { clients: server.clients }),
    ...(server.export === '' ? {} : { exportTo: server.export }),
    ...securityOf(server),
    version: version(),
    onNotice,
  };
}

/** Writes what the collector tells into the log. */
export function tellCollector(log: Log, notice: CollectorNotice): void {
  switch (notice.kind) {
    case 'damaged':
      log.warn({ setAside: notice.setAside }, 'the database was damaged; it was set aside and a new one begun');
      return;
    case 'upgrading':
      log.warn(
        { database: notice.path },
        'the database has an earlier format and is taken over, which can take minutes',
      );
      return;
    case 'hampered':
      log.error({ reason: notice.reason }, 'alerts are stored, but something about them does not work');
      return;
    case 'dropped':
      log.info({ partition: notice.name, records: notice.records }, 'old records were removed to keep the limits');
      return;
    case 'failing':
      log.error({ error: notice.error.message }, 'cannot store; agents keep their alerts until this works again');
      return;
    case 'exported':
      log.info({ path: notice.path, records: notice.records }, 'records were exported');
      return;
    case 'export-failing':
      log.error({ error: notice.error.message }, 'records cannot be exported; tried again');
      return;
    case 'recovered':
      log.info('storing works again');
      return;
    case 'tls':
      if (notice.trouble === undefined) log.info('the certificate was replaced');
      else log.error({ error: notice.trouble.message }, 'the certificate that took the place of ours cannot be used');
      return;
    case 'clients-wrong':
      log.error({ problem: notice.problem }, "the clients' file has changed and is wrong; clients stay as they were");
      return;
    case 'clients-read':
      log.info("the clients' file is read again");
  }
}
