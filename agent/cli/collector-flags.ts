import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { ConnectOptions } from '../../collector/client/client.ts';
import { DEFAULT_GRPC_ADDRESS } from '../../proto/channel.ts';
import { securityOf } from '../config/security.ts';
import { AtalayaError } from '../lib/errors.ts';

/** Flags of every command that asks a collector. */
export interface CollectorFlags {
  readonly address: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: true;
  readonly tokenFile?: string;
}

export function withCollectorFlags(command: Command): Command {
  return command
    .option('--address <address>', "the collector's: HOST:PORT or unix:PATH", DEFAULT_GRPC_ADDRESS)
    .option('--token-file <file>', 'file with the token that the collector knows this client by')
    .option('--tls', "encrypt, and check the collector's certificate")
    .option('--tls-ca <file>', 'who signs that certificate (PEM); otherwise whom Node.js trusts')
    .option('--tls-cert <file>', 'own certificate (PEM)')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--insecure', 'plain text to a collector on another machine');
}

/** Throws E_USAGE when the file with the token cannot be read. */
export function connectOptions(flags: CollectorFlags): ConnectOptions {
  const tls = { ca: flags.tlsCa ?? '', cert: flags.tlsCert ?? '', key: flags.tlsKey ?? '' };
  return {
    address: flags.address,
    ...(flags.tls ? { tls: {} } : {}),
    ...securityOf({ insecure: flags.insecure === true, tls }),
    ...(flags.tokenFile === undefined ? {} : { token: readToken(flags.tokenFile) }),
  };
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_USAGE', `--token-file ${path} cannot be read: ${reason}`, { cause });
  }
}
