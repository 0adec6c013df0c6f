import type { ServerUnaryCall, ServerWritableStream, ServiceDefinition, sendUnaryData } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';

/** As in proto/grpc/health/v1/health.proto. */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;
/** The server as a whole, and what it serves. */
const SERVICES = new Set(['', 'atalaya.v1.Collector', 'atalaya.v1.Ingest']);
const WATCH_MS = 500;

interface HealthCheckRequest {
  readonly service: string;
}

interface HealthCheckResponse {
  readonly status: number;
}

const messages = {
  requestSerialize: ({ service }: HealthCheckRequest) => bytes(protobuf.Writer.create().uint32(0x0a).string(service)),
  requestDeserialize: (buffer: Buffer): HealthCheckRequest => ({
    service: readService(protobuf.Reader.create(buffer)),
  }),
  responseSerialize: (response: HealthCheckResponse) =>
    bytes(protobuf.Writer.create().uint32(0x08).int32(response.status)),
  responseDeserialize: (buffer: Buffer): HealthCheckResponse => ({
    status: readStatus(protobuf.Reader.create(buffer)),
  }),
};

/** Service Health of gRPC's own protocol for probes. */
export const healthService = {
  check: { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false, ...messages },
  watch: { path: '/grpc.health.v1.Health/Watch', requestStream: false, responseStream: true, ...messages },
} satisfies ServiceDefinition;

/** Handlers of grpc.health.v1.Health; anybody may ask. `trouble`: why the collector cannot do its work at the moment. */
export function healthHandlers(trouble: () => string | undefined) {
  const now = () => (trouble() === undefined ? SERVING : NOT_SERVING);
  return {
    check: (
      { request }: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
      done: sendUnaryData<HealthCheckResponse>,
    ): void => {
      if (SERVICES.has(request.service)) done(null, { status: now() });
      else done({ code: status.NOT_FOUND, details: 'no such service is here' });
    },
    watch: (call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>): void => {
      const known = SERVICES.has(call.request.service);
      let told: number | undefined;
      const tell = () => {
        const next = known ? now() : SERVICE_UNKNOWN;
        if (next !== told) call.write({ status: next });
        told = next;
      };
      tell();
      const timer = setInterval(tell, WATCH_MS);
      timer.unref();
      call.on('cancelled', () => clearInterval(timer));
      call.on('close', () => clearInterval(timer));
    },
  };
}

function readService(reader: protobuf.Reader): string {
  let service = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 0x0a) service = reader.string();
    else reader.skipType(tag & 7);
  }
  return service;
}

function readStatus(reader: protobuf.Reader): number {
  let value = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 0x08) value = reader.int32();
    else reader.skipType(tag & 7);
  }
  return value;
}

function bytes(writer: protobuf.Writer): Buffer {
  return writer.finish() as Buffer;
}
