import { type ServiceError, status } from '@grpc/grpc-js';
import { AtalayaError, ERROR_CODES, type ErrorCode } from '../../agent/lib/errors.ts';
import { ERROR_CODE_KEY } from '../../proto/channel.ts';

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  [status.UNAUTHENTICATED]: 'E_UNKNOWN_CLIENT',
  [status.PERMISSION_DENIED]: 'E_NOT_ALLOWED',
  [status.NOT_FOUND]: 'E_NOT_FOUND',
};

/** What a collector answered, by the name that it gave it. */
export function toAtalayaError(error: ServiceError, message: string): AtalayaError {
  const code = error.metadata?.get(ERROR_CODE_KEY)[0];
  const known = typeof code === 'string' && code in ERROR_CODES ? (code as ErrorCode) : BY_STATUS[error.code];
  return new AtalayaError(known ?? 'E_COLLECTOR', message, { cause: error });
}
