import { type ServerDuplexStream, type StatusObject, status } from '@grpc/grpc-js';
import { toInt64 } from '../../proto/int64.ts';
import type { AgentMessage, CollectorMessage } from '../../proto/messages.ts';
import type { Committer, Sender } from '../ingest/committer.ts';

type Call = ServerDuplexStream<AgentMessage, CollectorMessage>;

/** Version of the protocol in proto/atalaya/v1/ingest.proto. */
const PROTOCOL = 1;
const MAX_NAME = 253;

/** Handler of atalaya.v1.Ingest/Stream. `onOpen` is told of each agent's stream and gives what to call at its end. */
export function ingestHandler(committer: Committer, version: string, onOpen: (agentId: string) => () => void) {
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
      sender = senderOf(call, agentId);
      closed = onOpen(agentId);
      call.write({ welcome: { protocol: PROTOCOL, version, capabilities: [] } });
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
  return hello.agentId.length > MAX_NAME ? `the agent's name is longer than ${MAX_NAME} characters` : undefined;
}

function senderOf(call: Call, agentId: string): Sender {
  return {
    agentId,
    acknowledge: (epoch, sequence) => {
      if (!call.cancelled) call.write({ ack: { epoch: toInt64(epoch), sequence } });
    },
    refuse: (reason) => end(call, status.INVALID_ARGUMENT, reason),
    unavailable: (reason) => end(call, status.UNAVAILABLE, reason),
  };
}

function end(call: Call, code: status, details: string): void {
  call.emit('error', { code, details } satisfies Partial<StatusObject>);
}
