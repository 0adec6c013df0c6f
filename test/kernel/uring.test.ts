import { expect } from 'vitest';
import { KIND_OF_CODE } from '../../agent/decode/kinds.ts';
import { eventHeader } from '../../agent/decode/layout.gen.ts';
import type { Event } from '../../agent/events/event.ts';
import { ACT_DIR, argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';
import { compare, parseTestimonies } from './support/testimony.ts';

const KINDS = ['open', 'unlink', 'rename', 'link', 'symlink', 'mkdir'] as const;
const family = createFamily('uring', KINDS);

/** Device and inode differ from run to run, and so does the directory: '.' stands for it. */
function textOf(event: Event | undefined): string {
  return argsOf(event, ACT_DIR)
    .replace(/ dev=\S+ ino=\d+/, '')
    .replace(/\/tmp\/atalaya-victim-\w+\/act-\w+/g, '.');
}

liveTest('open and openat2, also by a worker of the kernel', async () => {
  const { events } = await family.observe('open', 'open');
  expect(events.slice(0, 5).map(textOf)).toEqual([
    'fd=5(<f>created \n\x1b[31m\xff.txt) dirfd=-100(AT_FDCWD) name=created \n\x1b[31m\xff.txt(created \n\x1b[31m\xff.txt) flags=18471(O_LARGEFILE|O_EXCL|O_CREAT|O_RDWR|O_F_CREATED) mode=0640',
    'fd=5(<f>below/inner) dirfd=4(<d>below) name=../below/./inner(below/inner) flags=2049(O_LARGEFILE|O_RDONLY) mode=0',
    'fd=5(<f>below/inner) dirfd=-100(AT_FDCWD) name=link(link) flags=2049(O_LARGEFILE|O_RDONLY) mode=0',
    'fd=5(<f>/etc/passwd) dirfd=-100(AT_FDCWD) name=/etc/passwd flags=2049(O_LARGEFILE|O_RDONLY) mode=0',
    'fd=-2(ENOENT) dirfd=-100(AT_FDCWD) name=missing(missing) flags=2049(O_LARGEFILE|O_RDONLY) mode=0',
  ]);
});

liveTest('a ring that the kernel polls is its owner’s', async () => {
  await family.observe('polled', 'open');
});

liveTest('a request is of the thread, and of the process, that submits it', async () => {
  await family.observe('others', 'open');
});

liveTest('an open into the table of the ring says so', async () => {
  const { events } = await family.observe('direct', 'open');
  expect(events.map((event) => [event.fd?.number, event.fd?.type])).toEqual([
    [0, 'file'],
    [3, 'file'],
  ]);
});

liveTest('a request that asks for no completion counts as done', async () => {
  const { events } = await family.observe('skipped', 'open');
  expect(events.map((event) => [event.succeeded, event.fd?.number, event.fd?.name])).toEqual([
    [true, 0x7fff_ffff, expect.stringMatching(/\/skipped$/)],
    [true, 0x7fff_ffff, expect.stringMatching(/\/missing$/)],
  ]);
});

liveTest('unlinkat', async () => {
  const { events } = await family.observe('unlink');
  expect(events.map(textOf)).toEqual([
    'res=0 dirfd=4(<d>.) name=a(a) flags=0',
    'res=0 dirfd=-100(AT_FDCWD) name=./c(c) flags=512(AT_REMOVEDIR)',
    'res=-2(ENOENT) dirfd=-100(AT_FDCWD) name=/nowhere/at/all flags=0',
  ]);
});

liveTest('renameat', async () => {
  const { events } = await family.observe('rename');
  expect(events.map(textOf).slice(0, 1)).toEqual([
    'res=0 olddirfd=-100(AT_FDCWD) oldpath=a(a) newdirfd=4(<d>below) newpath=b(below/b) flags=2(RENAME_EXCHANGE)',
  ]);
});

liveTest('linkat', async () => {
  await family.observe('link');
});

liveTest('symlinkat', async () => {
  const { events } = await family.observe('symlink');
  expect(events.map(textOf).slice(0, 1)).toEqual(['res=0 target=/etc/shadow linkdirfd=4(<d>.) linkpath=one(one)']);
});

liveTest('mkdirat', async () => {
  const { events } = await family.observe('mkdir');
  expect(events.map(textOf).slice(0, 1)).toEqual(['res=0 dirfd=4(<d>.) path=one(one) mode=1E9']);
});

liveTest('a full completion queue hides no request', async () => {
  const { output } = await family.run('overflow', 'open');
  const [testimony] = parseTestimonies(output);
  if (testimony === undefined) throw new Error('the victim says nothing');
  // It is told when its time is over, by when the victim may have ended. What others do is looked at once.
  let looked = 0;
  await family.sensor().until('record of the request', () => {
    const since = family.sensor().records.slice(looked);
    looked += since.length;
    return since.find((record) => isOpen(record) && compare(testimony, record).length === 0);
  });
});

function isOpen(record: Buffer): boolean {
  return KIND_OF_CODE[record.readUInt16LE(eventHeader.kind)] === 'open';
}

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
