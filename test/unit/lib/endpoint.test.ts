import { expect, test } from 'vitest';
import { formatEndpoint, isLocalEndpoint, parseEndpoint } from '../../../agent/lib/endpoint.ts';

test.each([
  ['127.0.0.1:5065', { kind: 'tcp', host: '127.0.0.1', port: 5065 }],
  ['collector.example:0', { kind: 'tcp', host: 'collector.example', port: 0 }],
  ['[::1]:65535', { kind: 'tcp', host: '::1', port: 65535 }],
  ['unix:/run/atalaya.sock', { kind: 'unix', path: '/run/atalaya.sock' }],
])('%s is read and written back', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
  expect(formatEndpoint(parseEndpoint(text))).toBe(text);
});

test('a unix socket may be written as a URL', () => {
  expect(parseEndpoint('unix:///run/x')).toEqual({ kind: 'unix', path: '/run/x' });
});

test.each(['', 'host', 'host:', ':1', 'host:65536', 'host:1x', '::1:5', '[::1]', 'unix:', 'a b:1', 'http://h:1'])(
  '%j is refused with what was expected',
  (text) => {
    expect(() => parseEndpoint(text)).toThrow(
      expect.objectContaining({ code: 'E_ADDRESS', message: expect.stringContaining('expected HOST:PORT') }),
    );
  },
);

test.each([
  ['127.0.0.1:1', true],
  ['127.9.9.9:1', true],
  ['localhost:1', true],
  ['[::1]:1', true],
  ['unix:/x', true],
  ['0.0.0.0:1', false],
  ['10.0.0.1:1', false],
  ['127.0.0.1.example:1', false],
  ['localhost.example:1', false],
])('%s is on this machine: %s', (text, local) => {
  expect(isLocalEndpoint(parseEndpoint(text))).toBe(local);
});
