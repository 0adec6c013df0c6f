import { expect } from 'vitest';
import { argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['socket', 'connect', 'accept', 'bind', 'listen', 'send'] as const;
const family = createFamily('uring_net', KINDS);

liveTest('socket by io_uring: TCP, Unix, an unknown family', async () => {
  const { events } = await family.observe('socket');
  expect(events.map((event) => argsOf(event))).toEqual([
    'fd=4(<4t>) domain=2(AF_INET) type=524289 proto=0 flags=4096(O_CLOEXEC)',
    'fd=5(<u>) domain=1(AF_LOCAL|AF_UNIX) type=2 proto=0 flags=0',
    'fd=-97(EAFNOSUPPORT) domain=255 type=1 proto=0 flags=0',
  ]);
});

liveTest('connect by io_uring: IPv4, IPv6, Unix, abstract, twice', async () => {
  const { events } = await family.observe('connect');
  expect(events.slice(0, 3).map((event) => argsOf(event, /:\d+/))).toEqual([
    'res=0 tuple=127.0.0.1->127.0.0.1 fd=5(<4t>127.0.0.1->127.0.0.1) addr=127.0.0.1',
    'res=-106(EISCONN) tuple=NULL fd=5(<4t>) addr=127.0.0.1',
    'res=-9(EBADF) tuple=NULL fd=999 addr=127.0.0.1',
  ]);
});

liveTest('a socket that is in the table of the ring only', async () => {
  await family.observe('direct', 'connect');
});

liveTest('bind and listen by io_uring', async () => {
  await family.observe('bind');
  const { events } = await family.observe('listen');
  expect(events.map((event) => argsOf(event, /:\d+/))).toEqual([
    'res=0 fd=4(<4t>0.0.0.0) backlog=17',
    'res=-95(EOPNOTSUPP) fd=5(<4u>) backlog=5',
  ]);
});

liveTest('accept by io_uring: at once, later, many by one request', async () => {
  const { events } = await family.observe('accept');
  expect(events.map((event) => [event.succeeded, event.fd?.role])).toEqual([
    ...Array.from({ length: 5 }, () => [true, 'server']),
    [false, 'none'],
  ]);
});

liveTest('send and sendmsg by io_uring with an address', async () => {
  const { events, records, testimonies } = await family.observe('send');
  expect(records, 'no other records').toHaveLength(testimonies.length);
  expect(events.map((event) => argsOf(event, /:\d+/))).toEqual([
    'res=5 fd=5(<4u>0.0.0.0->127.0.0.1) size=5 tuple=0.0.0.0->127.0.0.1',
    'res=5 fd=5(<4u>0.0.0.0->127.0.0.1) size=5 tuple=0.0.0.0->127.0.0.1',
    'res=12 fd=5(<4u>0.0.0.0->127.0.0.1) size=12 tuple=0.0.0.0->127.0.0.1',
    'res=-2(ENOENT) fd=6(<u>nobody.sock) size=0 tuple=nobody.sock',
  ]);
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
