import { expect, test } from 'vitest';
import { identitiesOf, identityUri, maySpeakFor, parseIdentityUri } from '../../../proto/identity.ts';

const of = (subjectaltname: string | undefined, CN = '') =>
  identitiesOf({ subject: { CN } as never, ...(subjectaltname === undefined ? {} : { subjectaltname }) });

test('a name goes into a certificate and comes out the same', () => {
  for (const name of ['node-1', '*', 'a b/c,"d"', 'ünï', '%2a', 'x@y']) {
    const identity = { role: 'agent', name } as const;
    expect(parseIdentityUri(identityUri(identity))).toEqual(identity);
  }
  for (const uri of [
    '',
    'atalaya://',
    'atalaya://agent/',
    'atalaya://root/x',
    'atalaya://agent/a/b',
    'atalaya://agent/%',
    'spiffe://agent/x',
  ]) {
    expect(parseIdentityUri(uri)).toBeUndefined();
  }
});

test('a certificate of ours speaks for one node, or for any, and for nothing else that it is called', () => {
  const one = of('DNS:node-2, URI:atalaya://agent/node-1', 'node-3');
  expect(one).toEqual([{ role: 'agent', name: 'node-1' }]);
  expect(['node-1', 'node-2', 'node-3', '*'].map((name) => maySpeakFor(one, name))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(maySpeakFor(of('URI:atalaya://agent/*'), 'node-7')).toBe(true);
  expect(maySpeakFor(of('URI:atalaya://client/node-1'), 'node-1')).toBe(false);
  expect(maySpeakFor(of('URI:atalaya://collector/node-1'), 'node-1')).toBe(false);
});

test('a certificate of another authority speaks for its DNS names, or its common name where it has none', () => {
  expect(maySpeakFor(of('DNS:node-1, DNS:node-1.example', 'other'), 'node-1.example')).toBe(true);
  expect(maySpeakFor(of('DNS:node-1', 'other'), 'other')).toBe(false);
  expect(maySpeakFor(of(undefined, 'node-1'), 'node-1')).toBe(true);
  expect(maySpeakFor(of('DNS:*', '*'), 'node-1')).toBe(false);
});

test('a name that is made to look like several is one', () => {
  // As Node.js writes a DNS name with a comma in it.
  const names = of('DNS:"a, URI:atalaya://agent/*", DNS:b');
  expect(names.filter(({ role }) => role === 'agent').map(({ name }) => name)).toEqual([
    'a, URI:atalaya://agent/*',
    'b',
  ]);
  expect(of(undefined)).toEqual([]);
});
