import { get, type IncomingMessage } from 'node:http';
import type { ContainerInfo } from '../events/process.ts';
import { toInfo } from './describe.ts';
import { dockerFacts } from './docker-facts.ts';
import { parseObject, textAt } from './json.ts';
import { isSocket } from './socket-file.ts';
import { ANSWER_BYTES_MAX, type ContainerSource, isSafeId } from './source.ts';

export interface DockerOptions {
  readonly socket: string;
  readonly onCut: () => void;
}

/** Docker and podman, by the API that they share. */
export function createDockerSource({ socket, onCut }: DockerOptions): ContainerSource {
  return {
    name: `docker:${socket}`,
    kind: 'docker',
    isThere: () => isSocket(socket),
    describe: async ({ fullId }, signal): Promise<ContainerInfo | undefined> => {
      if (!isSafeId(fullId)) return undefined;
      const { statusCode = 0, body } = await request(socket, `/containers/${fullId}/json`, signal);
      if (statusCode === 404) return undefined;
      if (statusCode !== 200) throw new Error(`HTTP status ${statusCode}`);
      const answer = parseObject(body);
      if (textAt(answer, 'Id') !== fullId) throw new Error('the answer is not about the container that was asked for');
      return toInfo(dockerFacts(answer), onCut);
    },
    close: () => {},
  };
}

/** One request on a connection of its own: containers are asked for once. */
function request(
  socketPath: string,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly statusCode: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const call = get({ socketPath, path, signal, agent: false, headers: { host: 'localhost' } }, (response) => {
      readBounded(response).then((body) => resolve({ statusCode: response.statusCode, body }), reject);
    });
    call.on('error', reject);
  });
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > ANSWER_BYTES_MAX) {
      response.destroy();
      throw new Error(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}
