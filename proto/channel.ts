import {
  type ChannelCredentials,
  Client,
  compressionAlgorithms,
  credentials,
  logVerbosity,
  ServerCredentials,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { formatEndpoint, isLocalEndpoint, parseEndpoint } from '../agent/lib/endpoint.ts';
import { AtalayaError } from '../agent/lib/errors.ts';
import { fileChannelCredentials, fileServerCredentials, type TlsFiles } from './tls.ts';

/** Where a collector listens unless it is told otherwise: gRPC, and the page with health and metrics. */
export const DEFAULT_GRPC_ADDRESS = '127.0.0.1:5065';
export const DEFAULT_HTTP_ADDRESS = '127.0.0.1:5066';

/** Trailing metadata that names our own code of an error beside gRPC's status. */
export const ERROR_CODE_KEY = 'atalaya-error-code';

export interface Security {
  readonly tls?: TlsFiles;
  /** Allows plain text to another machine. */
  readonly insecure?: boolean;
}

/** Flag of a write: the message goes as it is. */
export const NO_COMPRESS = 2;

/** Larger than any batch that our own side sends. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/**
 * A channel that connects when it is used and again after a break. Plain text goes only to this machine unless
 * `insecure` says otherwise. `gzip`: messages are compressed, except those that are written with NO_COMPRESS. Throws
 * E_ADDRESS or E_TLS.
 */
export function openChannel(address: string, security: Security, { gzip = false } = {}): Client {
  quieten();
  return new Client(target(address), channelCredentials(address, security), {
    // Defaults are 1 s to 2 min: a collector that restarts would not be seen for that long.
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.min_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 500,
    // A peer that is gone without a word is noticed within 15 s.
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
    ...(gzip ? { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip } : {}),
    'grpc.enable_http_proxy': 0,
    // Each user has a connection of its own, so that closing one does not wait for another.
    'grpc.use_local_subchannel_pool': 1,
  });
}

/** What grpc-js takes as an address. */
export function target(address: string): string {
  return formatEndpoint(parseEndpoint(address));
}

export function channelCredentials(address: string, security: Security): ChannelCredentials {
  if (security.tls !== undefined) return fileChannelCredentials(security.tls);
  assertPlainAllowed(address, security);
  return credentials.createInsecure();
}

/** `onTlsChange`: the files have changed and are in force, or cannot be used. Throws E_ADDRESS or E_TLS. */
export function listenCredentials(
  address: string,
  security: Security,
  onTlsChange: (trouble?: AtalayaError) => void = () => {},
): ServerCredentials {
  quieten();
  if (security.tls !== undefined) return fileServerCredentials(security.tls, onTlsChange);
  assertPlainAllowed(address, security);
  return ServerCredentials.createInsecure();
}

/** The library writes to stderr what it also gives as errors; only who asks for that (GRPC_VERBOSITY) gets both. */
function quieten(): void {
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);
}

function assertPlainAllowed(address: string, security: Security): void {
  if (security.insecure === true || isLocalEndpoint(parseEndpoint(address))) return;
  throw new AtalayaError(
    'E_ADDRESS',
    `${address} is not on this machine: it needs TLS, or plain text allowed by name (insecure)`,
  );
}
