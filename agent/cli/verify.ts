import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { rawPublicKey } from '../../collector/evidence/anchor.ts';
import { recordsOf } from '../../collector/evidence/remote.ts';
import { type Found, recordsAt } from '../../collector/evidence/sources.ts';
import { type Break, type Verdict, Verifier } from '../../collector/evidence/verifier.ts';
import { securityOf } from '../config/security.ts';
import { AtalayaError } from '../lib/errors.ts';
import { jsonText } from '../lib/json-text.ts';
import { safeLine } from '../lib/safe-text.ts';
import { command } from './command.ts';
import { EXIT } from './exit.ts';

interface Flags {
  readonly address?: string;
  readonly key?: string;
  readonly json?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: true;
}

const EXAMPLE = `atalaya verify /var/lib/atalaya --key evidence.pub
atalaya verify exported/2026-01-02.jsonl.gz
atalaya verify --address collector.example:5065 --tls-ca ca.crt --tls-cert client-admin.crt --tls-key client-admin.key`;

export function create(): Command {
  return command('verify', 'prove that stored records are whole and unaltered, or name what is not', EXAMPLE)
    .argument('[path]', "a collector's data folder (while none runs on it), one of its partitions, or exported files")
    .option('--address <address>', 'of a collector that runs: HOST:PORT or unix:PATH')
    .option('--key <file>', "the collector's public key (evidence.pub), kept elsewhere: no other key's anchors count")
    .option('--json', 'the findings as JSON')
    .option('--tls-ca <file>', "who signs the collector's certificate (PEM)")
    .option('--tls-cert <file>', 'own certificate (PEM)')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--insecure', 'plain text to a collector on another machine')
    .action(run);
}

async function run(path: string | undefined, flags: Flags): Promise<void> {
  const verifier = new Verifier(flags.key === undefined ? undefined : readKey(flags.key));
  const breaks: Break[] = [];
  for await (const found of source(path, flags)) {
    if ('evidence' in found) verifier.add(found.evidence);
    else breaks.push(found);
  }
  const verdict = verifier.finish();
  const all: Verdict = {
    ...verdict,
    breaks: [...breaks.slice(0, 100), ...verdict.breaks],
    breakCount: verdict.breakCount + breaks.length,
  };
  if (flags.json) process.stdout.write(`${jsonText({ ...all, breaks: all.breaks.map((each) => ({ ...each })) })}\n`);
  else print(all, flags.key !== undefined);
  if (all.breakCount > 0) process.exitCode = EXIT.findings;
}

function source(path: string | undefined, flags: Flags): AsyncIterable<Found> {
  const { address, tlsCa = '', tlsCert = '', tlsKey = '', insecure = false } = flags;
  if ((path === undefined) === (address === undefined)) {
    throw new AtalayaError('E_USAGE', 'expected either a path or --address');
  }
  if (path !== undefined) return recordsAt(path);
  return remote(address ?? '', securityOf({ insecure, tls: { ca: tlsCa, cert: tlsCert, key: tlsKey } }));
}

async function* remote(address: string, security: Parameters<typeof recordsOf>[1]): AsyncGenerator<Found> {
  for await (const evidence of recordsOf(address, security)) yield { evidence };
}

/** As hexadecimal. */
function readKey(path: string): string {
  try {
    const key = createPublicKey(readFileSync(path));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`a key of type ${key.asymmetricKeyType}`);
    return rawPublicKey(key).toString('hex');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_USAGE', `the key ${path} cannot be used: ${why}; expected evidence.pub`, { cause });
  }
}

function print(verdict: Verdict, pinned: boolean): void {
  const { records, runs, anchors, unanchored, toldLost, keys, breaks, breakCount } = verdict;
  for (const { place, what } of breaks) process.stdout.write(`${safeLine(`${place}: ${what}`)}\n`);
  if (breakCount > breaks.length) process.stdout.write(`and ${breakCount - breaks.length} more\n`);
  const facts = [
    `${records} records of ${runs} runs, ${anchors} anchors`,
    ...(toldLost > 0 ? [`${toldLost} were dropped by agents that were full, which told so`] : []),
    ...(unanchored > 0 ? [`${unanchored} came after the last anchor of their run: their end is not signed`] : []),
    ...(pinned ? [] : keys.map((key) => `signed with ${key}; compare it with evidence.pub, or give --key`)),
    breakCount === 0 ? 'whole and unaltered' : `${breakCount} breaks; the first is named first`,
  ];
  process.stdout.write(facts.map((fact) => `${fact}\n`).join(''));
}
