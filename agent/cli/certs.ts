import { hostname } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { openAuthority, type Wanted } from '../certificates/authority.ts';
import { collect, command } from './command.ts';

interface Flags {
  readonly collector?: readonly string[];
  readonly node?: readonly string[];
  readonly client?: readonly string[];
  readonly days: number;
}

const EXAMPLE = `atalaya certs /etc/atalaya/certificates --collector collector.example --node node-1 --node node-2 --client admin
atalaya certs certificates --collector atalaya-collector.atalaya.svc    # of any node, as a DaemonSet wants it`;
const DEFAULT_DAYS = 365;
/** Of the host names that DNS knows, an address, or what stands for any. */
const HOST = /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$|^[0-9A-Fa-f:.]{2,45}$/;
/** It becomes the name of a file. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/;

export function create(): Command {
  return command('certs', 'make a private authority and the certificates of agents, collector and clients', EXAMPLE)
    .argument('<folder>', 'where ca.crt and ca.key are, or are made; keep ca.key away from the nodes')
    .option('--collector <name>', 'name or address under which the collector is reached (may be repeated)', readHosts)
    .option(
      '--node <name>',
      "an agent's own certificate, for one node (may be repeated); default: one for any node",
      readNames,
    )
    .option('--client <name>', 'of a subscriber or another tool (may be repeated)', readNames)
    .option('--days <days>', 'how long they are valid; run it again before that', readDays, DEFAULT_DAYS)
    .action(run);
}

function run(folder: string, flags: Flags): void {
  const authority = openAuthority(folder, Date.now());
  if (authority.isNew) process.stdout.write(`${folder}/ca.crt\n`);
  for (const wanted of wantedOf(flags)) {
    authority.issue(wanted, flags.days);
    process.stdout.write(`${folder}/${wanted.file}.crt\n`);
  }
}

/** What was asked for; where nothing was, all that a first installation needs. */
function wantedOf({ collector, node, client }: Flags): Wanted[] {
  const all = collector === undefined && node === undefined && client === undefined;
  const hosts = collector ?? (all ? ['localhost', '127.0.0.1', '::1', hostname()] : []);
  return [
    ...(hosts.length > 0
      ? [{ identity: { role: 'collector', name: hosts[0] ?? '' }, hosts, file: 'collector' } as const]
      : []),
    ...(node === undefined && (all || collector !== undefined)
      ? [{ identity: { role: 'agent', name: '*' }, hosts: [], file: 'agent' } as const]
      : []),
    ...(node ?? []).map((name) => ({ identity: { role: 'agent', name }, hosts: [], file: `node-${name}` }) as const),
    ...(client ?? (all ? ['admin'] : [])).map(
      (name) => ({ identity: { role: 'client', name }, hosts: [], file: `client-${name}` }) as const,
    ),
  ];
}

function readHosts(text: string, earlier?: readonly string[]): readonly string[] {
  if (!HOST.test(text)) throw new InvalidArgumentError('Expected a host name or an address.');
  return collect(text, earlier);
}

function readNames(text: string, earlier?: readonly string[]): readonly string[] {
  if (!NAME.test(text)) throw new InvalidArgumentError('Expected letters, digits, `.`, `-`, `_` and `@`.');
  return collect(text, earlier);
}

function readDays(text: string): number {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 36_500) throw new InvalidArgumentError('Expected a whole number from 1 to 36500.');
  return days;
}
