import { Client, credentials, type ServiceDefinition } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { afterEach, expect, test } from 'vitest';
import { healthHandlers, healthService } from '../../../collector/api/health-service.ts';
import { reflectionService } from '../../../collector/api/reflection-service.ts';
import { Bench, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

async function open(): Promise<Client> {
  const { address } = await bench.collector();
  const client = new Client(address, credentials.createInsecure());
  bench.onEnd(() => client.close());
  return client;
}

function check(client: Client, service: string): Promise<number> {
  const { path, requestSerialize, responseDeserialize } = healthService.check;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, response) => {
      if (error) reject(error);
      else resolve(response?.status ?? -1);
    });
  });
}

test('probes hear that the collector and each of its services work', async () => {
  const client = await open();
  expect(await check(client, '')).toBe(1);
  expect(await check(client, 'atalaya.v1.Ingest')).toBe(1);
  await expect(check(client, 'other')).rejects.toMatchObject({ code: 5 });
});

test('who watches hears of the present state, and of a service that is not here', async () => {
  const client = await open();
  const { path, requestSerialize, responseDeserialize } = healthService.watch;
  const heard: number[] = [];
  for (const service of ['atalaya.v1.Collector', 'other']) {
    const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service });
    call.on('error', () => {});
    call.on('data', ({ status }: { readonly status: number }) => heard.push(status));
    bench.onEnd(() => call.cancel());
  }
  await until(() => heard.length === 2, 'both are told');
  expect(heard.sort()).toEqual([1, 3]);
});

test('while nothing can be stored, probes hear that', () => {
  const answers: unknown[] = [];
  const request = { request: { service: '' } } as Parameters<ReturnType<typeof healthHandlers>['check']>[0];
  healthHandlers(() => 'disk full').check(request, (_, response) => answers.push(response));
  expect(answers).toEqual([{ status: 2 }]);
});

interface Answer {
  readonly files: Uint8Array[];
  readonly services: string[];
  errorCode: number;
}

/** A ServerReflectionResponse, of which protobufjs needs to know only what is looked at. */
const reflection = protobuf.parse(`
  syntax = "proto3";
  message Request { string file = 3; string symbol = 4; string extensions = 6; string services = 7; }
  message Files { repeated bytes file = 1; }
  message Service { string name = 1; }
  message Services { repeated Service service = 1; }
  message Error { int32 code = 1; }
  message Response { bytes original = 2; Files files = 4; Services services = 6; Error error = 7; }
`).root;

async function reflect(client: Client, version: 'v1' | 'v1alpha', request: object): Promise<Answer> {
  const { path } = reflectionService(version).serverReflectionInfo;
  const [asked, answered] = [reflection.lookupType('Request'), reflection.lookupType('Response')];
  const call = client.makeBidiStreamRequest(
    path,
    (message: object) => Buffer.from(asked.encode(message).finish()),
    (bytes: Buffer) => answered.toObject(answered.decode(bytes)),
  );
  call.write(request);
  call.end();
  const responses: Record<string, unknown>[] = [];
  for await (const response of call) responses.push(response);
  const { files, services, error } = responses[0] as {
    readonly files?: { readonly file: Uint8Array[] };
    readonly services?: { readonly service: { readonly name: string }[] };
    readonly error?: { readonly code: number };
  };
  return {
    files: files?.file ?? [],
    services: (services?.service ?? []).map(({ name }) => name),
    errorCode: error?.code ?? 0,
  };
}

test.each(['v1', 'v1alpha'] as const)('reflection (%s) lists services and describes them', async (version) => {
  const client = await open();
  const { services } = await reflect(client, version, { services: '*' });
  expect(services).toEqual(['atalaya.v1.Collector', 'atalaya.v1.Ingest', 'grpc.health.v1.Health']);
  for (const symbol of [...services, 'atalaya.v1.Alert', 'atalaya.v1.Collector.Subscribe']) {
    const { files } = await reflect(client, version, { symbol });
    expect([symbol, files.length]).toEqual([symbol, 1]);
  }
  const [bytes] = (await reflect(client, version, { symbol: 'atalaya.v1.Collector' })).files;
  const file = descriptor.FileDescriptorProto.decode(bytes ?? new Uint8Array());
  const described = protobuf.Root.fromDescriptor(descriptor.FileDescriptorSet.encode({ file: [file] }).finish());
  expect(described.lookupType('atalaya.v1.Selection').fields['namespaces']).toMatchObject({ id: 6, type: 'string' });
  expect(described.lookupType('atalaya.v1.Alert').fields['context']).toMatchObject({ id: 11, keyType: 'string' });
});

test('reflection says what is not here', async () => {
  const client = await open();
  expect((await reflect(client, 'v1', { symbol: 'a.B' })).errorCode).toBe(5);
  expect((await reflect(client, 'v1', { file: 'other.proto' })).errorCode).toBe(5);
  expect((await reflect(client, 'v1', { extensions: 'a.B' })).errorCode).toBe(12);
});

test('their paths are those of the protocols', () => {
  const paths = (service: ServiceDefinition) => Object.values(service).map(({ path }) => path);
  expect(paths(healthService)).toEqual(['/grpc.health.v1.Health/Check', '/grpc.health.v1.Health/Watch']);
  expect(paths(reflectionService('v1'))).toEqual(['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo']);
});
