import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { liveTest } from './support/live.ts';
import { openWorkshop, type Workshop } from './support/workshop.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ADDON = join(ROOT, 'native/addon');
/** The code with which AddressSanitizer ends a process. */
const CAUGHT = 99;

let workshop: Workshop;
let tree: string;
let objectPath: string;
let storm: string;

/** A copy of the built tree whose addon was compiled with AddressSanitizer. */
beforeAll(() => {
  workshop = openWorkshop();
  objectPath = workshop.smallObject();
  storm = workshop.storm();
  tree = join(workshop.dir, 'tree');
  cpSync(join(ROOT, 'dist'), join(tree, 'dist'), { recursive: true });
  mkdirSync(join(tree, 'native/build'), { recursive: true });
  cpSync(join(ROOT, 'native/build/atalaya.bpf.o'), join(tree, 'native/build/atalaya.bpf.o'));
  writeFileSync(join(tree, 'package.json'), '{"type":"module"}');
  const sources = readdirSync(ADDON).filter((name) => name.endsWith('.cc'));
  const includes = [
    join(nodeHeaders(), 'include/node'),
    dirname(createRequire(import.meta.url).resolve('node-addon-api')),
    join(ROOT, 'native/bpf'),
  ];
  execFileSync(
    'g++',
    [
      ...['-shared', '-fPIC', '-fsanitize=address', '-fno-omit-frame-pointer', '-g', '-O1', '-std=c++17'],
      ...['-fno-exceptions', '-DNODE_GYP_MODULE_NAME=atalaya', ...definesOfTheBuild().map((define) => `-D${define}`)],
      ...includes.map((path) => `-I${path}`),
      ...['-o', join(tree, 'native/build/atalaya.node')],
      ...sources.map((name) => join(ADDON, name)),
      ...['-lbpf', '-lpthread'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}, 300_000);
afterAll(() => workshop?.remove());

/** Where node-gyp found the headers when it built the addon. */
function nodeHeaders(): string {
  const config = readFileSync(join(ADDON, 'build/config.gypi'), 'utf8');
  const found = /"nodedir": "([^"]+)"/.exec(config)?.[1];
  if (found === undefined) throw new Error('native/addon/build/config.gypi names no nodedir');
  return found;
}

function definesOfTheBuild(): string[] {
  const list = /"defines": \[([^\]]*)\]/.exec(readFileSync(join(ADDON, 'binding.gyp'), 'utf8'))?.[1] ?? '';
  return [...list.matchAll(/"([^"]+)"/g)].map(([, define]) => define ?? '');
}

const ENDINGS: readonly [mode: string, code: number][] = [
  ['exit', 7],
  ['fall', 0],
  ['throw', 1],
  ['worker', 0],
  ['terminate', 0],
  ['worker-exit', 0],
  ['both', 0],
  ['lives', 0],
];

for (const [mode, code] of ENDINGS) {
  liveTest(
    `AddressSanitizer finds nothing: ${mode}`,
    () => {
      const program = join(tree, 'dist/test/kernel/children/endings.js');
      const { status, stderr } = spawnSync(process.execPath, [program, mode, objectPath, storm], {
        encoding: 'utf8',
        timeout: 120_000,
        env: {
          ...process.env,
          LD_PRELOAD: execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim(),
          // Node.js itself frees nothing when it ends.
          ASAN_OPTIONS: `detect_leaks=0:exitcode=${CAUGHT}`,
        },
      });
      expect(stderr).not.toContain('AddressSanitizer');
      expect(status).toBe(code);
    },
    180_000,
  );
}
