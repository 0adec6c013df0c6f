import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { ERROR_CODE_KEY } from '../../proto/channel.ts';

/** What a client is told of a failure. What is not the client's fault is not described further. */
export function toStatus(error: unknown): StatusObject {
  const metadata = new Metadata();
  if (!(error instanceof AtalayaError)) return { code: status.INTERNAL, details: 'internal error', metadata };
  metadata.set(ERROR_CODE_KEY, error.code);
  const code = error.code === 'E_FILTER' || error.code === 'E_CURSOR' ? status.INVALID_ARGUMENT : status.INTERNAL;
  return { code, details: error.message, metadata };
}
