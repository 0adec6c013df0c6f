import { expect } from 'vitest';
import { argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['socket', 'connect', 'accept', 'bind', 'listen', 'send'] as const;
const family = createFamily('net', KINDS);

/** Ports are the kernel's choice: two that are equal become the same letter. */
function withoutPorts(texts: readonly string[]): string[] {
  const letters = new Map<string, string>();
  const letterOf = (port: string) => {
    const letter = letters.get(port) ?? String.fromCharCode(0x41 + letters.size);
    letters.set(port, letter);
    return letter;
  };
  return texts.map((text) => text.replace(/(?<=:)[1-9]\d+/g, letterOf));
}

liveTest('socket: TCP, Unix, raw, an unknown family', async () => {
  const { events } = await family.observe('socket');
  expect(events.slice(0, 4).map((event) => argsOf(event))).toEqual([
    'fd=3(<4t>) domain=2(AF_INET) type=524289 proto=0 flags=4096(O_CLOEXEC)',
    'fd=4(<u>) domain=1(AF_LOCAL|AF_UNIX) type=2 proto=0 flags=0',
    'fd=5(<4r>) domain=2(AF_INET) type=3 proto=1 flags=0',
    'fd=-97(EAFNOSUPPORT) domain=255 type=1 proto=0 flags=0',
  ]);
});

liveTest('connect: IPv4, IPv6, Unix, abstract, refused, twice; by socketcall', async () => {
  const { events } = await family.observe('connect');
  expect(withoutPorts(events.slice(0, 5).map((event) => argsOf(event)))).toEqual([
    'res=0 tuple=127.0.0.1:A->127.0.0.1:B fd=4(<4t>127.0.0.1:A->127.0.0.1:B) addr=127.0.0.1:B',
    'res=-106(EISCONN) tuple=NULL fd=4(<4t>) addr=127.0.0.1:B',
    'res=-111(ECONNREFUSED) tuple=NULL fd=6(<4t>) addr=127.0.0.1:C',
    'res=-9(EBADF) tuple=NULL fd=999 addr=127.0.0.1:C',
    'res=0 tuple=127.0.0.1:D->127.0.0.1:C fd=7(<4u>127.0.0.1:D->127.0.0.1:C) addr=127.0.0.1:C',
  ]);
});

liveTest('accept and accept4, with nobody there', async () => {
  const { events } = await family.observe('accept');
  expect(withoutPorts(events.slice(0, 3).map((event) => argsOf(event)))).toEqual([
    'fd=5(<4t>127.0.0.1:A->127.0.0.1:B) tuple=127.0.0.1:A->127.0.0.1:B flags=80800',
    'fd=7(<4t>127.0.0.1:C->127.0.0.1:B) tuple=127.0.0.1:C->127.0.0.1:B',
    'fd=-11(EAGAIN) tuple=NULL flags=0',
  ]);
  expect(events[0]?.fd?.role).toBe('server');
});

liveTest('bind: IPv4, IPv6, Unix, abstract, a port in use', async () => {
  const { events } = await family.observe('bind');
  const texts = events.filter((event) => event.socket?.family !== 10).map((event) => argsOf(event, /victim-bind-\d+/));
  expect(withoutPorts(texts.slice(0, 4))).toEqual([
    'res=0 addr=127.0.0.1:0 fd=3(<4t>127.0.0.1:A)',
    'res=-98(EADDRINUSE) addr=127.0.0.1:A fd=4(<4t>)',
    expect.stringMatching(/^res=0 addr=bound.sock fd=\d\(<u>bound.sock\)$/),
    expect.stringMatching(/^res=0 addr=@ fd=\d\(<u>@\)$/),
  ]);
});

liveTest('listen on TCP, on UDP, on nothing', async () => {
  const { events } = await family.observe('listen');
  expect(withoutPorts(events.slice(0, 3).map((event) => argsOf(event)))).toEqual([
    'res=0 fd=3(<4t>0.0.0.0:A) backlog=17',
    'res=-95(EOPNOTSUPP) fd=4(<4u>) backlog=5',
    'res=-9(EBADF) fd=999 backlog=5',
  ]);
});

liveTest('sendto, sendmsg and sendmmsg with an address', async () => {
  const { events } = await family.observe('send');
  expect(withoutPorts(events.slice(0, 5).map((event) => argsOf(event)))).toEqual([
    'res=5 fd=4(<4u>0.0.0.0:A->127.0.0.1:B) size=5 tuple=0.0.0.0:A->127.0.0.1:B',
    'res=12 fd=4(<4u>0.0.0.0:A->127.0.0.1:B) size=12 tuple=0.0.0.0:A->127.0.0.1:B',
    'res=2 fd=4(<4u>0.0.0.0:A->127.0.0.1:B) size=0 tuple=0.0.0.0:A->127.0.0.1:B',
    'res=-9(EBADF) fd=999 size=5 tuple=NULL',
    'res=-2(ENOENT) fd=5(<u>nobody.sock) size=5 tuple=nobody.sock',
  ]);
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
