import { type ServerDuplexStream, type ServiceDefinition, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { DESCRIPTORS } from '../../proto/gen/descriptors.gen.ts';

/**
 * gRPC's server reflection (grpc.reflection.v1, and the v1alpha that older tools speak): what services there are, and the
 * descriptions of their messages. Messages are read and written by hand, for there are two of them.
 */
const PATHS = {
  v1: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  v1alpha: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
} as const;

/** Fields of a request's oneof, by number. */
const ASKED = { 3: 'file', 4: 'symbol', 7: 'services' } as const;
type Asked = (typeof ASKED)[keyof typeof ASKED] | 'other';

interface Request {
  readonly original: Buffer;
  readonly asked: Asked;
  readonly text: string;
}

type Call = ServerDuplexStream<Request, Buffer>;

const SERVICES = ['atalaya.v1.Collector', 'atalaya.v1.Ingest', 'grpc.health.v1.Health'];

export function reflectionService(version: keyof typeof PATHS) {
  return {
    serverReflectionInfo: {
      path: PATHS[version],
      requestStream: true,
      responseStream: true,
      requestSerialize: ({ original }: Request) => original,
      requestDeserialize: readRequest,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    },
  } satisfies ServiceDefinition;
}

/** Anybody may ask: it is what docs and proto/ say too. */
export const reflectionHandlers = {
  serverReflectionInfo: (call: Call): void => {
    call.on('data', (request: Request) => call.write(answer(request)));
    call.on('end', () => call.end());
  },
};

function readRequest(buffer: Buffer): Request {
  const reader = protobuf.Reader.create(buffer);
  let asked: Asked = 'other';
  let text = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const name = tag & 2 ? ASKED[(tag >>> 3) as keyof typeof ASKED] : undefined;
    if (name === undefined) {
      reader.skipType(tag & 7);
      continue;
    }
    asked = name;
    text = reader.string();
  }
  return { original: buffer, asked, text };
}

function answer({ original, asked, text }: Request): Buffer {
  const writer = protobuf.Writer.create().uint32(0x12).bytes(original);
  if (asked === 'services') return finish(writeServices(writer));
  const found = DESCRIPTORS.find(({ name, symbols }) => {
    return asked === 'file' ? name === text : asked === 'symbol' && (symbols as readonly string[]).includes(text);
  });
  return finish(found === undefined ? writeError(writer, asked) : writeFile(writer, found.bytes));
}

/** file_descriptor_response = 4, of file_descriptor_proto = 1. */
function writeFile(writer: protobuf.Writer, base64: string): protobuf.Writer {
  return writer.uint32(0x22).fork().uint32(0x0a).bytes(Buffer.from(base64, 'base64')).ldelim();
}

/** list_services_response = 6, of service = 1, of name = 1. */
function writeServices(writer: protobuf.Writer): protobuf.Writer {
  writer.uint32(0x32).fork();
  for (const name of SERVICES) writer.uint32(0x0a).fork().uint32(0x0a).string(name).ldelim();
  return writer.ldelim();
}

/** error_response = 7, of error_code = 1 and error_message = 2. */
function writeError(writer: protobuf.Writer, asked: Asked): protobuf.Writer {
  const code = asked === 'other' ? status.UNIMPLEMENTED : status.NOT_FOUND;
  const message = asked === 'other' ? 'nothing of ours has extensions' : 'nothing of that name is here';
  return writer.uint32(0x3a).fork().uint32(0x08).int32(code).uint32(0x12).string(message).ldelim();
}

function finish(writer: protobuf.Writer): Buffer {
  return writer.finish() as Buffer;
}
