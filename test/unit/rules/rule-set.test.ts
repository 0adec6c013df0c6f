import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unmatchedTargets } from '../../../agent/rules/selection.ts';
import { compile, contextOf, rule, ruleSetOf, sha256 } from './support/rules.ts';

const two =
  rule('Read file', 'evt.type=openat', 'tags: [file]') + rule('Connect', 'evt.type=connect', 'tags: [network, T1071]');
const names = (text: string, options: Parameters<typeof ruleSetOf>[1]): readonly string[] =>
  ruleSetOf(text, options).active.map(({ name }) => name);

describe('selection', () => {
  it('applies steps in order, by name with wildcards and by tag', () => {
    expect(names(two, { steps: [{ disable: { rule: '*' } }, { enable: { tag: 'network' } }] })).toEqual(['Connect']);
    expect(names(two, { steps: [{ disable: { rule: 'Read*' } }] })).toEqual(['Connect']);
    expect(names(two, { steps: [{ disable: { rule: '*', tag: 'file' } }] })).toEqual(['Connect']);
    expect(names(two, { steps: [{ disable: {} }] })).toEqual(['Read file', 'Connect']);
  });

  it('tries last what a step switches on again', () => {
    const off = { disable: { rule: 'Read*' } };
    const on = { enable: { rule: '*' } };
    expect(names(two, { steps: [on] })).toEqual(['Read file', 'Connect']);
    expect(names(two, { steps: [off, on] })).toEqual(['Connect', 'Read file']);
    expect(names(two, { steps: [{ disable: { rule: '*' } }, on] })).toEqual(['Read file', 'Connect']);
  });

  it('brings back no rule below the threshold', () => {
    expect(names(two, { threshold: 'Warning', steps: [{ enable: { rule: '*' } }] })).toEqual([]);
  });

  it('names the targets that fit no rule, with the nearest name or tag', () => {
    const steps = [
      { enable: { rule: 'Raed file' } },
      { disable: { tag: 'netwrok' } },
      { disable: { rule: 'Connect', tag: 'file' } },
      { disable: { rule: 'Con*' } },
      { enable: { tag: 'T1071' } },
    ];
    expect(unmatchedTargets(ruleSetOf(two).rules, steps)).toEqual([
      { step: 0, message: "no rule is called 'Raed file'", nearest: 'Read file' },
      { step: 1, message: "no rule has the tag 'netwrok'", nearest: 'network' },
      { step: 2, message: "no rule is called 'Connect' and has the tag 'file'" },
    ]);
  });

  it('leaves disabled rules in the set, compiled', () => {
    const set = ruleSetOf(rule('r', 'evt.type=openat', 'enabled: false'));
    expect([set.rules.length, set.active.length]).toEqual([1, 0]);
  });
});

describe('the digest', () => {
  it('is the same for what raises the same alerts, and only for that', () => {
    const digest = (text: string): string => ruleSetOf(text).digest;
    const first = digest(rule('r', 'evt.type=openat and proc.name=a'));
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(digest(`# a comment\n${rule('r', '"evt.type = openat and  proc.name = a"')}`)).toBe(first);
    expect(digest(rule('r', 'evt.type=openat and proc.name=b'))).not.toBe(first);
    expect(digest(rule('s', 'evt.type=openat and proc.name=a'))).not.toBe(first);
    expect(digest(rule('r', 'evt.type=openat and proc.name=a').replace('INFO', 'ERROR'))).not.toBe(first);
  });
});

describe('output extensions', () => {
  it('add text, fields and what is suggested to the rules that they match', () => {
    const extensions = [
      {
        match: { tags: ['network'] },
        extraOutput: 'pid=%proc.pid',
        extraFields: ['proc.name', { key: 'who', format: '%user.name!' }],
      },
      { suggestedOutput: true },
    ];
    const [first, second] = compile(two, { extensions }).ruleSet.rules;
    const suggested =
      ' container_id=%container.id container_name=%container.name' +
      ' container_image_repository=%container.image.repository container_image_tag=%container.image.tag' +
      ' k8s_pod_name=%k8s.pod.name k8s_ns_name=%k8s.ns.name';
    expect(first?.output).toBe(`o${suggested}`);
    expect(second?.output).toBe(`o pid=%proc.pid${suggested}`);
    expect(second?.extraFields.map(({ key, raw }) => [key, raw])).toEqual([
      ['proc.name', true],
      ['who', false],
    ]);
  });

  it('that are wrong are errors of every rule', () => {
    expect(compile(two, { extensions: [{ extraFields: [{ key: 'k', format: '%nosuch.x' }] }] }).errors.length).toBe(2);
  });
});

it('keeps a star at the start of an output', () => {
  const set = ruleSetOf(rule('r', 'evt.type=open').replace('output: o', "output: '*%proc.name*'"));
  expect(set.rules[0]?.format.render(contextOf({ 'proc.name': 'a' })).text).toBe('*a*');
});

describe('upstream rules', () => {
  const load = (name: string) => ({
    path: name,
    text: readFileSync(new URL(`../../data/upstream-rules/${name}`, import.meta.url), 'utf8'),
  });

  it('compile unmodified, all sets together', () => {
    const files = ['falco_rules', 'falco-incubating_rules', 'falco-sandbox_rules', 'falco-deprecated_rules'].map(
      (name) => load(`${name}.yaml`),
    );
    const result = compile(files.map(({ text }) => text));
    expect(result.errors).toEqual([]);
    expect(result.ruleSet.rules.length).toBeGreaterThan(80);
    for (const bucket of result.ruleSet.buckets().byType.values()) bucket.program();
    expect(result.ruleSet.plan().kinds.map(({ kind }) => kind)).toContain('exec');
  });
});

it('hashes what the rules say, once', () => {
  let hashed = 0;
  const set = ruleSetOf(two, {
    hash: (text) => {
      hashed++;
      return sha256(text);
    },
  });
  expect(set.digest).toBe(set.digest);
  expect(hashed).toBe(1);
});
