import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { ClusterAccess } from './cluster-access.ts';

/** The API server answered with something else than was asked for. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface ApiClient {
  /** One answer, parsed. Rejects with ApiError, or with what the connection says. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /**
   * Lines of an answer that goes on, until it ends or nothing has come for `quietMs`. Rejects as `get` does; what `onLine`
   * throws ends it too.
   */
  stream(path: string, quietMs: number, signal: AbortSignal, onLine: (line: string) => void): Promise<void>;
  close(): void;
}

/** A page of 500 pods with 100 kB each does not come; one of 250 ordinary ones is 3 MB. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** etcd takes objects of 1.5 MiB. */
const LINE_BYTES_MAX = 4 * 1024 * 1024;
const ANSWER_MS = 30_000;
const ERROR_BYTES_MAX = 16 * 1024;

/** A small client of a cluster's API: JSON over HTTPS, everything bounded. */
export function createApiClient(access: ClusterAccess): ApiClient {
  const { ca, cert, key } = access;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 4,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });

  const open = (path: string, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const token = access.token();
      const headers = {
        accept: 'application/json',
        'user-agent': 'atalaya',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const call = httpsRequest(`${access.server}${path}`, { agent, signal, headers }, resolve);
      call.on('error', reject);
      call.end();
    });

  const answered = async (path: string, signal: AbortSignal): Promise<IncomingMessage> => {
    const response = await open(path, signal);
    const { statusCode = 0 } = response;
    if (statusCode === 200) return response;
    const text = await readAll(response, ERROR_BYTES_MAX).catch(() => '');
    throw new ApiError(statusCode, `HTTP status ${statusCode}${messageIn(text)}`);
  };

  return {
    get: async (path, signal) => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
      return JSON.parse(await readAll(await answered(path, limited), ANSWER_BYTES_MAX));
    },
    stream: async (path, quietMs, signal, onLine) => {
      const quiet = new AbortController();
      let timer = setTimeout(() => quiet.abort(new Error('no answer')), ANSWER_MS);
      try {
        const response = await answered(path, AbortSignal.any([signal, quiet.signal]));
        const heard = (): void => {
          clearTimeout(timer);
          timer = setTimeout(() => response.destroy(), quietMs);
        };
        heard();
        await readLines(response, heard, onLine);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => agent.destroy(),
  };
}

async function readAll(response: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > limit) {
      response.destroy();
      throw new Error(`the answer is longer than ${limit} bytes`);
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Ends quietly when the connection does: a watch is begun again where it was. */
async function readLines(
  response: IncomingMessage,
  onChunk: () => void,
  onLine: (line: string) => void,
): Promise<void> {
  let rest: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      onChunk();
      let piece = chunk as Buffer;
      for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10)) {
        onLine(Buffer.concat([...rest, piece.subarray(0, end)]).toString('utf8'));
        rest = [];
        bytes = 0;
        piece = piece.subarray(end + 1);
      }
      if (piece.length > 0) rest.push(piece);
      bytes += piece.length;
      if (bytes > LINE_BYTES_MAX) throw new RangeError(`a line is longer than ${LINE_BYTES_MAX} bytes`);
    }
  } catch (error) {
    response.destroy();
    if (!isConnectionEnd(error)) throw error;
  }
}

function isConnectionEnd(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** What a Status object of the cluster says. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' ? `: ${message.slice(0, 200)}` : '';
  } catch {
    return '';
  }
}
