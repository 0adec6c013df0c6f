import { type ServerDuplexStream, type StatusObject, status } from '@grpc/grpc-js';
import { toInt64 } from '../../proto/int64.ts';
import type { AgentMessage, CollectorMessage } from '../../proto/messages.ts';
import type { Access } from '../access/access.ts';
import type { Committer, Sender } from '../ingest/committer.ts';
import { toStatus } from './errors.ts';

export interface AgentHello {
  readonly agentId: string;
  readonly hostname: string;
  readonly version: string;
}

export interface IngestParts {
  readonly committer: Committer;
  readonly version: string;
  readonly access: Access;
  /** Told of each agent's stream; gives what to call at its end. */
  readonly onOpen: (hello: AgentHello) => () => void;
}

type Call = ServerDuplexStream<AgentMessage, CollectorMessage>;

/** Version of the protocol in proto/atalaya/v1/ingest.proto. */
const PROTOCOL = 1;
const MAX_NAME = 253;

/** Handler of atalaya.v1.Ingest/Stream. */
export function ingestHandler({ committer, version, access, onOpen }: IngestParts) {
  return (call: Call): void => {
    let sender: Sender | undefined;
    let closed = () => {};
    call.on('data', (message: AgentMessage) => {
      if (sender !== undefined && message.batch) {
        committer.add(sender, message.batch.envelopes ?? []);
        return;
      }
      const wrong = sender === undefined ? wrongHello(message) : 'a hello in the middle of a stream';
      if (wrong !== undefined) {
        end(call, status.INVALID_ARGUMENT, wrong);
        return;
      }
      const agentId = message.hello?.agentId ?? '';
      try {
        access.admitAgent(call, agentId);
      } catch (error) {
        call.emit('error', toStatus(error));
        return;
      }
      sender = senderOf(call, agentId);
      closed = onOpen({ agentId, hostname: cut(message.hello?.hostname), version: cut(message.hello?.version) });
      call.write({ welcome: { protocol: PROTOCOL, version, capabilities: ['gzip'] } });
    });
    const finish = () => {
      closed();
      closed = () => {};
    };
    call.on('end', () => {
      finish();
      call.end();
    });
    call.on('cancelled', finish);
    call.on('error', finish);
    call.on('close', finish);
  };
}

function wrongHello({ hello }: AgentMessage): string | undefined {
  if (!hello) return 'a stream begins with a hello';
  if (!hello.protocol) return 'the hello names no protocol version';
  if (!hello.agentId) return 'the hello names no agent';
  if (hello.agentId.startsWith('@')) return "names of agents do not begin with '@'";
  return hello.agentId.length > MAX_NAME ? `the agent's name is longer than ${MAX_NAME} characters` : undefined;
}

function cut(text: string | null | undefined): string {
  return (text ?? '').slice(0, MAX_NAME);
}

function senderOf(call: Call, agentId: string): Sender {
  return {
    agentId,
    acknowledge: (epoch, sequence) => {
      if (!call.cancelled) call.write({ ack: { epoch: toInt64(epoch), sequence } });
    },
    refuse: (reason, kind) => end(call, kind === 'wrong' ? status.INVALID_ARGUMENT : status.DATA_LOSS, reason),
    unavailable: (reason) => end(call, status.UNAVAILABLE, reason),
  };
}

function end(call: Call, code: status, details: string): void {
  call.emit('error', { code, details } satisfies Partial<StatusObject>);
}
