import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../../agent/config/load.ts';
import { type Entry, KNOWN_KEYS, type Migration, migrate } from '../../../agent/migrate/migrate.ts';

const FULL = readFileSync(new URL('../../data/migrate/falco.yaml', import.meta.url), 'utf8');

function migrated(text: string): Extract<Migration, { ok: true }> {
  const migration = migrate('falco.yaml', text);
  if (!migration.ok) throw new Error(migration.problems.join('\n'));
  return migration;
}

function problemsOf(text: string): readonly string[] {
  const migration = migrate('falco.yaml', text);
  return migration.ok ? [] : migration.problems;
}

/** What becomes of each key, without the notes on keys that are not set. */
function verdicts(text: string): Record<string, string> {
  return Object.fromEntries(
    migrated(text)
      .entries.filter(({ value }) => value !== undefined)
      .map((entry) => [entry.key, said(entry)]),
  );
}

const said = ({ kind, text }: Entry): string => `${kind}: ${text}`;

const configOf = (text: string): unknown => parse(migrated(text).config);

test('a full configuration becomes ours, in the same order and meaning', () => {
  expect(configOf(FULL)).toEqual({
    outputs: ['stdout', 'file:/var/log/alerts of falco.txt'],
    rules: {
      paths: ['/etc/falco/falco_rules.yaml', './team rules.yaml', '/etc/falco/old.yaml', '/etc/falco/rules.d'],
      select: [
        { disable: { rule: 'Read*' } },
        { enable: { tag: 'maturity_stable' } },
        { enable: { rule: 'Shell "quoted" ${HOME}' } },
      ],
      matching: 'all',
      priority: 'Informational',
    },
    http: '[::1]:9000',
    log: { level: 'info' },
  });
});

test('every key that Falco has had is told of, and each that we know is a key of Falco', () => {
  const { entries } = migrated(FULL);
  expect(entries.filter(({ kind }) => kind === 'unknown' || kind === 'wrong')).toEqual([]);
  const found = new Set(entries.map(({ key }) => key));
  expect(KNOWN_KEYS.filter((key) => !found.has(key) && !key.endsWith('*') && key !== 'static_fields')).toEqual([]);
  expect(entries.every(({ text }) => text !== '')).toBe(true);
});

test('a key says on which line it stands, and what becomes of it', () => {
  const { entries } = migrated('json_output: true\nsyscall_event_drops:\n  actions: [exit]\nrule_matching: all\n');
  expect(entries.slice(0, 2)).toEqual([
    { key: 'json_output', line: 1, column: 1, value: 'true', kind: 'same', text: 'alerts are JSON lines' },
    {
      key: 'syscall_event_drops.actions',
      line: 3,
      column: 3,
      value: '[1]',
      kind: 'none',
      text: 'losses never end the agent: they are told as gaps',
    },
  ]);
});

test('what is switched off there is not in use, with everything below', () => {
  expect(verdicts('http_output:\n  enabled: false\n  url: http://a\ngrpc:\n  threadiness: 0\n')).toEqual({
    'http_output.enabled': 'unused: it is switched off',
    'http_output.url': 'unused: http_output.enabled is off',
    'grpc.threadiness': 'unused: grpc.enabled is off',
  });
});

test('only the engine that is chosen counts', () => {
  const { 'engine.kmod.buf_size_preset': kmod, 'engine.kind': kind } = verdicts(
    'engine:\n  kind: gvisor\n  kmod: {buf_size_preset: 4}\n  gvisor: {root: /r}\n',
  );
  expect([kmod, kind]).toEqual(['unused: engine.kind is gvisor', 'none: events of gVisor are not collected']);
});

test('a default of Falco that is none of ours is written down', () => {
  const { entries } = migrated('');
  expect(entries.map(({ key, kind, text }) => [key, kind, text])).toEqual([
    ['rule_matching', 'carried', "not set: Falco's default is first"],
    ['rules_files', 'carried', 'not set: the rules that come with Atalaya are used'],
    ['stdout_output.enabled', 'carried', 'not set: Falco writes nothing there'],
  ]);
  expect(configOf('')).toEqual({ outputs: [], rules: { matching: 'first' } });
});

test('a web server that is off stays off', () => {
  expect(configOf('webserver: {enabled: false, listen_port: 1}\n')).toMatchObject({ http: 'none' });
});

test('an unknown key is ignored, with the nearest that Falco knows', () => {
  expect(verdicts('json_ouput: true\nengine:\n  modern_ebpf:\n    cpus_for_each_bufer: 2\nzzz: 1\n')).toEqual({
    json_ouput: "unknown: it is ignored; did you mean 'json_output'?",
    'engine.modern_ebpf.cpus_for_each_bufer':
      "unknown: it is ignored; did you mean 'engine.modern_ebpf.cpus_for_each_buffer'?",
    zzz: 'unknown: it is ignored',
  });
});

test('a value of the wrong kind is left out, with what was expected', () => {
  const wrong = `priority: loud
rule_matching: some
json_output: [1]
log_level: {a: b}
rules: {enable: x}
rules_files: [{a: b}]
engine: modern_ebpf
output_timeout: soon
webserver: {enabled: true, listen_address: "a b"}
stdout_output: {enabled: maybe}
file_output: {enabled: true, filename: ""}
`;
  expect(verdicts(wrong)).toEqual({
    priority:
      'wrong: found "loud", expected one of emergency, alert, critical, error, warning, notice, informational, debug',
    rule_matching: 'wrong: found "some", expected first or all',
    json_output: 'wrong: found a list, expected true or false',
    log_level:
      'wrong: found a mapping, expected one of emergency, alert, critical, error, warning, notice, informational, info, debug',
    rules: 'wrong: found a mapping, expected a list of enable and disable',
    rules_files: 'wrong: found a list, expected a list of paths',
    engine: 'wrong: found "modern_ebpf", expected a mapping of keys',
    output_timeout: 'wrong: found "soon", expected a whole number',
    'webserver.enabled': 'wrong: found "a b", expected an address',
    'webserver.listen_address': 'carried: part of `http`',
    'stdout_output.enabled': 'wrong: found "maybe", expected true or false',
    'file_output.filename': 'wrong: found "", expected a path',
    'file_output.enabled': 'carried: part of `outputs`',
  });
  expect(configOf(wrong)).toEqual({ outputs: [] });
});

test('variables in paths are not carried as if they were paths', () => {
  expect(verdicts('rules_files: ["${HOME}/r.yaml"]\n')['rules_files']).toBe(
    "none: variables are not replaced in paths: write '${HOME}/r.yaml' out",
  );
});

test('the configuration says where it comes from and what was left out, on comment lines', () => {
  const { config } = migrated('"a\\nb: c": 1\nhttp_output: {enabled: true, url: x, mtls: true}\n');
  expect(config.split('\n').slice(0, 3)).toEqual([
    '# Made by `atalaya migrate` from falco.yaml.',
    '# Left out: a\\nb: c (line 1): it is ignored.',
    '# Left out: http_output.mtls (line 2): the agent makes no HTTP requests.',
  ]);
  expect(parse(config)).toEqual({ outputs: [], rules: { matching: 'first' } });
});

test.each([
  ['- a\n- b\n', 'falco.yaml:1:1: found a list, expected a mapping of keys'],
  ['hello\n', 'falco.yaml:1:1: found "hello", expected a mapping of keys'],
  ['a: 1\n---\nb: 2\n', 'falco.yaml:3:1: found a second document, expected a mapping of keys'],
])('%j is no configuration', (text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

test('what is not YAML is refused with its place', () => {
  expect(problemsOf('a: "b\nc: d\n')[0]).toMatch(/^falco\.yaml:\d+:\d+: not YAML: /);
});

test('keys of objects are keys like others', () => {
  expect(
    verdicts('__proto__: {enabled: true}\nconstructor: 1\nengine: {kind: constructor}\nlog_level: toString\n'),
  ).toEqual({
    ['__proto__']: 'unknown: it is ignored',
    constructor: 'unknown: it is ignored',
    'engine.kind': 'wrong: found "constructor", expected one of modern_ebpf, ebpf, kmod, gvisor, replay, nodriver',
    log_level:
      'wrong: found "toString", expected one of emergency, alert, critical, error, warning, notice, informational, info, debug',
  });
});

test('whatever the values are, what is written is a valid configuration', () => {
  const value = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom('first', 'debug', '::1', 'null', '', '1.5', '\u0085\u2028x', '{', '# a', '- b', '\u0000'),
    fc.array(fc.oneof(fc.string(), fc.record({ enable: fc.record({ rule: fc.string() }) })), { maxLength: 3 }),
  );
  const keys = KNOWN_KEYS.filter((key) => !key.endsWith('*'));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 12 }), (pairs) => {
      const text = pairs.map(([key, found]) => yamlOf(key.split('.'), JSON.stringify(found))).join('\n');
      const migration = migrate('falco.yaml', text);
      if (migration.ok) expect(loadConfig({ file: { path: 'new.yaml', text: migration.config } }).ok).toBe(true);
      else expect(migration.problems.join()).toMatch(/not YAML/);
    }),
    { numRuns: 300 },
  );
});

function yamlOf([first = '', ...rest]: readonly string[], json: string): string {
  return rest.length === 0 ? `${first}: ${json}` : `${first}: {${yamlOf(rest, json)}}`;
}
