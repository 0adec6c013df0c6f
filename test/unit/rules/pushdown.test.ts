import { describe, expect, it } from 'vitest';
import type { KindPlan, Plan } from '../../../agent/events/plan.ts';
import { mergePlans, planOf } from '../../../agent/rules/plan.ts';
import { couldMatch } from '../../../agent/rules/pushdown.ts';
import { rule, ruleSetOf } from './support/rules.ts';

function planFor(...conditions: string[]): Plan {
  return ruleSetOf(conditions.map((condition, place) => rule(`r${place}`, condition)).join('')).plan();
}

function kindOf(plan: Plan, kind: string): KindPlan | undefined {
  return plan.kinds.find((candidate) => candidate.kind === kind);
}

const anywhere = { result: 'any', openFlagsAny: 0 };

describe('a plan', () => {
  it('has the kinds that rules need, and says which rules', () => {
    const plan = planFor('evt.type=openat and proc.name=a', 'evt.type in (execve, openat) and proc.name=b');
    expect(plan).toEqual({
      kinds: [
        { kind: 'exec', reasons: [{ by: 'rule', name: 'r1' }], syscalls: ['execve'], ...anywhere },
        {
          kind: 'open',
          reasons: [
            { by: 'rule', name: 'r0' },
            { by: 'rule', name: 'r1' },
          ],
          syscalls: ['openat'],
          ...anywhere,
        },
      ],
      environment: false,
    });
  });

  it('leaves out kinds for which a condition contradicts itself', () => {
    const plan = planFor(
      '(evt.type=openat or evt.type=connect) and not evt.type=connect',
      'evt.type=bind and evt.num=0',
    );
    expect(plan.kinds.map(({ kind }) => kind)).toEqual(['open']);
  });

  it('wants only the results that can match', () => {
    const result = (condition: string): string | undefined =>
      kindOf(planFor(`evt.type=openat and ${condition}`), 'open')?.result;
    expect(result('evt.failed=false')).toBe('success');
    expect(result('evt.rawres >= 0')).toBe('success');
    expect(result('fd.num >= 0')).toBe('success');
    expect(result('evt.res = SUCCESS')).toBe('success');
    expect(result('evt.res != SUCCESS')).toBe('failure');
    expect(result('evt.rawres < 0')).toBe('failure');
    expect(result('evt.rawres in (-13, -1)')).toBe('failure');
    expect(result('(evt.failed=false or proc.name=a)')).toBe('any');
    expect(result('not evt.failed=false')).toBe('any');
    expect(result('not evt.failed exists')).toBe('success');
  });

  it('wants only the open flags that can match', () => {
    const flags = (condition: string): number | undefined =>
      kindOf(planFor(`evt.type=openat and ${condition}`), 'open')?.openFlagsAny;
    expect(flags('evt.is_open_write=true')).toBe(3);
    expect(flags('evt.arg.flags contains O_CREAT')).toBe(0x40);
    expect(flags('(evt.is_open_write=true or evt.arg.flags contains O_TRUNC)')).toBe(0x203);
    expect(flags('(evt.is_open_write=true or fd.name=/x)')).toBe(0);
    expect(flags('not evt.is_open_write=true')).toBe(0);
  });

  it('wants only the paths and ports that can match', () => {
    const open = kindOf(planFor('evt.type=openat and (fd.name startswith /etc/ssh or fd.name in (/a//b, /c))'), 'open');
    expect(open?.paths).toEqual([
      { components: ['etc'], below: true },
      { components: ['a', 'b'], below: false },
      { components: ['c'], below: false },
    ]);
    expect(kindOf(planFor('evt.type=openat and fd.name pmatch (/usr/lib*/x, /opt)'), 'open')?.paths).toEqual([
      { components: ['usr'], below: true },
      { components: ['opt'], below: true },
    ]);
    expect(kindOf(planFor('evt.type=openat and fd.name endswith .conf'), 'open')?.paths).toBeUndefined();
    expect(kindOf(planFor('evt.type=connect and (fd.sport=22 or fd.port in (1, 2))'), 'connect')?.ports).toEqual([
      22, 1, 2,
    ]);
    expect(kindOf(planFor('evt.type=connect and fd.sport != 22'), 'connect')?.ports).toBeUndefined();
  });

  it('asks for the environment only where a condition or an output shows it', () => {
    expect(planFor('evt.type=execve and proc.env[PATH] contains /tmp').environment).toBe(true);
    expect(planFor('evt.type=execve and proc.name=a').environment).toBe(false);
    const shown = rule('r', 'evt.type=execve').replace('output: o', 'output: "%proc.env[LD_PRELOAD]"');
    expect(ruleSetOf(shown).plan().environment).toBe(true);
  });

  it('keeps what any of several plans needs', () => {
    const rules = planFor('evt.type=openat and evt.is_open_write=true and evt.failed=false and fd.name=/x');
    const merged = mergePlans([rules, planOf(['fork', 'open'], { by: 'state', name: 'process tree' })]);
    expect(merged.kinds.map(({ kind }) => kind)).toEqual(['fork', 'open']);
    expect(kindOf(merged, 'open')).toEqual({
      kind: 'open',
      reasons: [
        { by: 'rule', name: 'r0' },
        { by: 'state', name: 'process tree' },
      ],
      ...anywhere,
    });
  });
});

describe('couldMatch', () => {
  const plan = planFor(
    'evt.type=openat and evt.is_open_write=true and evt.failed=false and fd.name startswith /etc/',
    'evt.type=connect and fd.sport=22',
  );
  const open = { kind: 'open', type: 'openat', result: 3, openFlags: 1, paths: ['/etc//shadow'] } as const;

  it('lets through what fits every filter', () => {
    expect(couldMatch(plan, open)).toBe(true);
    expect(couldMatch(plan, { kind: 'connect', type: 'connect', ports: [40000, 22] })).toBe(true);
  });

  it('lets through what it does not know', () => {
    expect(couldMatch(plan, { kind: 'open', type: 'openat' })).toBe(true);
  });

  it('leaves out what one filter does not want', () => {
    expect(couldMatch(plan, { ...open, kind: 'unlink' })).toBe(false);
    expect(couldMatch(plan, { ...open, type: 'creat' })).toBe(false);
    expect(couldMatch(plan, { ...open, result: -13 })).toBe(false);
    expect(couldMatch(plan, { ...open, openFlags: 0x80000 })).toBe(false);
    expect(couldMatch(plan, { ...open, paths: ['/var/x', 'etcx'] })).toBe(false);
    expect(couldMatch(plan, { kind: 'connect', type: 'connect', ports: [443] })).toBe(false);
  });

  it('lets a call in progress through as both results', () => {
    expect(couldMatch(plan, { ...open, result: -115 })).toBe(true);
  });

  it('never hides by process what state is made from', () => {
    const none = new Set<never>();
    expect(couldMatch(plan, { ...open, processKinds: none })).toBe(false);
    const everything = planOf(['exec', 'setuid'], { by: 'state', name: 's' });
    expect(couldMatch(everything, { kind: 'exec', type: 'execve', processKinds: none })).toBe(true);
    expect(couldMatch(everything, { kind: 'setuid', type: 'setuid', processKinds: none })).toBe(true);
  });
});
