import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { AtalayaError, type ErrorCode } from '../../agent/lib/errors.ts';
import { ERROR_CODE_KEY } from '../../proto/channel.ts';

const STATUS: Partial<Record<ErrorCode, status>> = {
  E_FILTER: status.INVALID_ARGUMENT,
  E_CURSOR: status.INVALID_ARGUMENT,
  E_REQUEST: status.INVALID_ARGUMENT,
  E_NOT_FOUND: status.NOT_FOUND,
  E_UNKNOWN_CLIENT: status.UNAUTHENTICATED,
  E_NOT_ALLOWED: status.PERMISSION_DENIED,
  E_TOO_MANY: status.RESOURCE_EXHAUSTED,
};

/** What a client is told of a failure. What is not the client's fault is not described further. */
export function toStatus(error: unknown): StatusObject {
  const metadata = new Metadata();
  if (!(error instanceof AtalayaError)) return { code: status.INTERNAL, details: 'internal error', metadata };
  metadata.set(ERROR_CODE_KEY, error.code);
  return { code: STATUS[error.code] ?? status.INTERNAL, details: error.message, metadata };
}
