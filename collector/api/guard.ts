import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { Access, Client } from '../access/access.ts';
import type { Operation } from '../access/clients-file.ts';
import { toStatus } from './errors.ts';

/** A unary handler that is only called for clients that may; what it throws becomes a status. */
export function guarded<Request, Response>(
  access: Access,
  operation: Operation,
  answer: (request: Request, client: Client) => Response | Promise<Response>,
) {
  return (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>): void => {
    answerTo(call, access, operation, answer).then(
      (response) => done(null, response),
      (error) => done(toStatus(error)),
    );
  };
}

async function answerTo<Request, Response>(
  call: ServerUnaryCall<Request, Response>,
  access: Access,
  operation: Operation,
  answer: (request: Request, client: Client) => Response | Promise<Response>,
): Promise<Response> {
  return answer(call.request, access.admit(call, operation));
}
