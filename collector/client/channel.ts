import { type Client, Metadata } from '@grpc/grpc-js';
import { openChannel, type Security } from '../../proto/channel.ts';

export interface ConnectOptions extends Security {
  /** The collector's: HOST:PORT or unix:PATH. */
  readonly address: string;
  /** Bearer token, where the collector wants one. */
  readonly token?: string;
}

/** Throws E_ADDRESS or E_TLS. */
export function openClient(options: ConnectOptions): Client {
  return openChannel(options.address, options);
}

export function metadataOf({ token }: ConnectOptions): Metadata {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}
