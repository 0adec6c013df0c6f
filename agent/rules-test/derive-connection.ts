import type { FieldValue } from '../fields/field.ts';
import { addressText } from '../lib/address.ts';
import { parseIpv4, parseIpv6 } from '../rules/addresses.ts';
import type { GivenFacts } from './given-facts.ts';

interface End {
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

/** `client->server`, each with its port; IPv6 addresses hold colons themselves. */
const CONNECTION = /^(.+):(\d{1,5})->(.+):(\d{1,5})$/;

/** The ends of a connection from fd.name, or fd.name and both-ends fields from the ends. */
export function deriveConnection(facts: GivenFacts): void {
  const type = facts.text('fd.type');
  if (type === 'unix') facts.add('fd.sockfamily', 'unix');
  deriveEndsFromName(facts);
  nameLocalAndRemote(facts);
  const client = endOf(facts, 'c');
  const server = endOf(facts, 's');
  const address = client.ip ?? server.ip;
  if (address === undefined) return;
  facts.add('fd.type', address.length === 4 ? 'ipv4' : 'ipv6');
  facts.add('fd.typechar', address.length === 4 ? '4' : '6');
  facts.add('fd.sockfamily', 'ip');
  facts.add('fd.is_server', isServer(facts));
  facts.add('fd.connected', true);
  facts.add('fd.name', connectionText(client, server));
  for (const letter of ['c', 's', 'l', 'r']) deriveEnd(facts, letter);
  const ips = listOf(client.ip, server.ip);
  facts.add('fd.ip', ips);
  facts.add('fd.net', ips);
  const ports = listOf(client.port, server.port);
  facts.add('fd.port', ports);
  facts.add('fd.proto', ports);
}

/** The side that the event's process is on. */
function isServer(facts: GivenFacts): boolean {
  return facts.kind === 'accept' || facts.kind === 'listen' || facts.kind === 'bind';
}

function deriveEndsFromName(facts: GivenFacts): void {
  const parts = CONNECTION.exec(facts.text('fd.name') ?? '');
  if (parts === null) return;
  const [, clientIp = '', clientPort, serverIp = '', serverPort] = parts;
  facts.add('fd.cip', addressOf(clientIp));
  facts.add('fd.cport', Number(clientPort));
  facts.add('fd.sip', addressOf(serverIp));
  facts.add('fd.sport', Number(serverPort));
}

/** local and remote are server and client, whichever the process is. */
function nameLocalAndRemote(facts: GivenFacts): void {
  const [local, remote] = isServer(facts) ? ['s', 'c'] : ['c', 's'];
  for (const part of ['ip', 'port']) {
    for (const [own, name] of [
      ['l', local],
      ['r', remote],
    ]) {
      facts.add(`fd.${own}${part}`, facts.get(`fd.${name}${part}`));
      facts.add(`fd.${name}${part}`, facts.get(`fd.${own}${part}`));
    }
  }
}

function deriveEnd(facts: GivenFacts, letter: string): void {
  const { ip, port } = endOf(facts, letter);
  facts.add(`fd.${letter}net`, ip);
  if (port !== undefined) facts.add(`fd.${letter}proto`, String(port));
}

function endOf(facts: GivenFacts, letter: string): End {
  return { ip: facts.text(`fd.${letter}ip`), port: facts.number(`fd.${letter}port`) };
}

function connectionText(client: End, server: End): string | undefined {
  if (client.ip === undefined || server.ip === undefined) return undefined;
  const text = ({ ip = '', port = 0 }: End): string => `${addressText(ip)}:${port}`;
  return `${text(client)}->${text(server)}`;
}

function addressOf(text: string): string | undefined {
  return text.includes('.') && !text.includes(':') ? parseIpv4(text) : parseIpv6(text);
}

function listOf(...values: readonly (string | number | undefined)[]): FieldValue {
  return values.filter((value) => value !== undefined);
}
