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

  it('wants only the addresses that can match', () => {
    const addresses = (condition: string): unknown =>
      kindOf(planFor(`evt.type=connect and ${condition}`), 'connect')?.addresses;
    const ten = { bytes: [10, 0, 0, 0], bits: 8 };
    expect(addresses('fd.snet = 10.9.8.7/8')).toEqual([ten]);
    expect(addresses('(fd.sip = 1.2.3.4 or fd.net = 10.0.0.0/8)')).toEqual([{ bytes: [1, 2, 3, 4], bits: 32 }, ten]);
    expect(addresses('fd.rnet in (10.0.0.0/8, 10.1.0.0/8, fe80::/10)')).toEqual([
      ten,
      { bytes: [0xfe, 0x80, ...Array<number>(14).fill(0)], bits: 10 },
    ]);
    expect(addresses('fd.sip != 1.2.3.4')).toBeUndefined();
    expect(addresses('not fd.sip = 1.2.3.4')).toBeUndefined();
    expect(addresses('(fd.sip = 1.2.3.4 or proc.name = a)')).toBeUndefined();
  });

  it('wants a call in progress where nothing else can match', () => {
    const result = (condition: string): string | undefined =>
      kindOf(planFor(`evt.type=connect and ${condition}`), 'connect')?.result;
    expect(result('evt.rawres = -115')).toBe('success');
    expect(result('evt.rawres in (0, -115)')).toBe('success');
    expect(result('evt.rawres in (-1, -115)')).toBe('failure');
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
      // First opens of what a rule names stand out, though all opens are wanted.
      named: [{ components: ['x'], below: false }],
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

  it('leaves out addresses outside of every prefix, and those of the other family', () => {
    const near = planFor('evt.type=connect and (fd.snet = 10.0.0.0/9 or fd.sip = ::1)');
    const to = (...addresses: string[]): boolean => couldMatch(near, { kind: 'connect', type: 'connect', addresses });
    expect(to('\x0a\x7f\xff\xff')).toBe(true);
    expect(to('\x0a\x80\0\0')).toBe(false);
    expect(to('\x0b\0\0\x01', '\x0a\0\0\x01')).toBe(true);
    expect(to(`${'\0'.repeat(15)}\x01`)).toBe(true);
    expect(to(`\x0a${'\0'.repeat(15)}`)).toBe(false);
    expect(couldMatch(near, { kind: 'connect', type: 'connect' })).toBe(true);
  });

  it('never hides by process what state is made from', () => {
    const none = new Set<never>();
    expect(couldMatch(plan, { ...open, processKinds: none })).toBe(false);
    const everything = planOf(['exec', 'setuid'], { by: 'state', name: 's' });
    expect(couldMatch(everything, { kind: 'exec', type: 'execve', processKinds: none })).toBe(true);
    expect(couldMatch(everything, { kind: 'setuid', type: 'setuid', processKinds: none })).toBe(true);
  });
});
