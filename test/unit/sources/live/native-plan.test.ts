import { expect, test } from 'vitest';
import { eventKind } from '../../../../agent/decode/layout.gen.ts';
import type { KindPlan } from '../../../../agent/events/plan.ts';
import { toNativePlan } from '../../../../agent/sources/live/native-plan.ts';

const OPENAT = 257;
const CREAT = 85;
const EXECVE = 59;
const COMPAT_OPENAT = 295;

function kind(name: KindPlan['kind'], change: Partial<KindPlan> = {}): KindPlan {
  return { kind: name, reasons: [{ by: 'rule', name: 'r' }], result: 'any', openFlagsAny: 0, ...change };
}

function plan(...kinds: readonly KindPlan[]) {
  return toNativePlan({ kinds, environment: false }, 'x86_64', 7);
}

test('asks for nothing where nothing is wanted', () => {
  const { syscallClass, compatClass, uringClass, wantedKind, openFlagsAny, envWanted, generation } = plan();
  expect([...syscallClass, ...compatClass, ...uringClass, ...wantedKind].some((value) => value !== 0)).toBe(false);
  expect({ openFlagsAny, envWanted, generation }).toEqual({ openFlagsAny: 0, envWanted: false, generation: 7 });
});

test('turns on the calls of a kind, those of 32-bit callers too', () => {
  const { syscallClass, compatClass, wantedKind, resultWanted } = plan(kind('open', { result: 'failure' }));
  expect(syscallClass[OPENAT]).toBe(eventKind.open);
  expect(syscallClass[CREAT]).toBe(eventKind.open);
  expect(compatClass[COMPAT_OPENAT]).toBe(eventKind.open);
  expect(syscallClass[EXECVE]).toBe(0);
  expect(wantedKind[eventKind.open]).toBe(1);
  expect(resultWanted[eventKind.open]).toBe(2);
});

test('leaves out calls of a kind that nobody asks for', () => {
  const { syscallClass, openFlagsAny } = plan(kind('open', { syscalls: ['creat'], openFlagsAny: 0x41 }));
  expect([syscallClass[OPENAT], syscallClass[CREAT], openFlagsAny]).toEqual([0, eventKind.open, 0x41]);
});

test('spends nothing on calls of exec while only successful ones are wanted', () => {
  const success = plan(kind('exec', { result: 'success' }));
  expect([success.syscallClass[EXECVE], success.wantedKind[eventKind.exec]]).toEqual([0, 1]);
  expect(plan(kind('exec')).syscallClass[EXECVE]).toBe(eventKind.exec);
});
