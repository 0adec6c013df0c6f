import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEYS } from '../../../agent/config/config.gen.ts';
import { type ConfigSources, loadConfig } from '../../../agent/config/load.ts';
import { formatProblem } from '../../../agent/config/problem.ts';

function load(text: string, more: Omit<ConfigSources, 'file'> = {}) {
  return loadConfig({ file: { path: 'a.yaml', text }, ...more });
}

function problemsOf(text: string, more: Omit<ConfigSources, 'file'> = {}): string[] {
  const result = load(text, more);
  return result.ok ? [] : result.problems.map(formatProblem);
}

function configOf(text: string, more: Omit<ConfigSources, 'file'> = {}) {
  const result = load(text, more);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result;
}

test('an empty file gives every default', () => {
  const { config } = configOf('');
  for (const { path, default: value } of KEYS) {
    const found = path.reduce<unknown>((section, name) => (section as Record<string, unknown>)[name], config);
    expect([path, found]).toEqual([path, value]);
  }
});

test('a flag counts more than the environment, the environment more than the file', () => {
  const text = 'data: /file\nhttp: none\nnode: file\n';
  const env = { ATALAYA_DATA: '/env', ATALAYA_HTTP: '127.0.0.1:1' };
  const flags = [{ path: ['data'], value: '/flag', flag: '--data' }];
  const { config, place } = configOf(text, { env, flags });
  expect([config.data, config.http, config.node]).toEqual(['/flag', '127.0.0.1:1', 'file']);
  expect(place(['data'])).toBe('the flag --data');
  expect(place(['http'])).toBe('the environment variable ATALAYA_HTTP');
  expect(place(['node'])).toBe('a.yaml:3:1');
  expect(place(['spool', 'limit_mib'])).toBeUndefined();
});

test('a priority may stand in any letter case', () => {
  expect(configOf('rules: {priority: wArning}').config.rules.priority).toBe('Warning');
  expect(configOf('', { env: { ATALAYA_RULES_PRIORITY: 'info' } }).config.rules.priority).toBe('Informational');
  expect(problemsOf('rules: {priority: warnin}')).toEqual([
    'a.yaml:1:9: rules.priority is "warnin"; expected one of Emergency, Alert, Critical, Error, Warning, Notice, Informational, Debug',
  ]);
});

test('lists, numbers and truth values can be given in the environment', () => {
  const env = { ATALAYA_OUTPUTS: 'stdout, file:/a', ATALAYA_SPOOL_LIMIT_MIB: '7', ATALAYA_REDACT_ENABLED: 'false' };
  const { config } = configOf('', { env });
  expect([config.outputs, config.spool.limit_mib, config.redact.enabled]).toEqual([['stdout', 'file:/a'], 7, false]);
});

test('an unknown key is named with its place and the nearest known one', () => {
  expect(problemsOf('data: /x\ncolector:\n  address: none\n')).toEqual([
    "a.yaml:2:1: unknown key 'colector'; did you mean 'collector'?",
  ]);
  expect(problemsOf('spool:\n  limit: 3\n')).toEqual([
    "a.yaml:2:3: unknown key 'limit' in spool; expected one of limit_mib",
  ]);
  expect(problemsOf('limit_mib: 3\n')).toEqual([
    "a.yaml:1:1: unknown key 'limit_mib'; did you mean 'spool.limit_mib'?",
  ]);
});

test('a wrong value is named with its place, what was found and what was expected', () => {
  expect(problemsOf('log:\n  level: loud\nheartbeat_seconds: 0\n')).toEqual([
    'a.yaml:3:1: heartbeat_seconds is 0; expected a whole number from 1 to 3600',
    'a.yaml:2:3: log.level is "loud"; expected one of debug, info, warn, error',
  ]);
  expect(problemsOf('', { env: { ATALAYA_SPOOL_LIMIT_MIB: 'much' } })).toEqual([
    'the environment variable ATALAYA_SPOOL_LIMIT_MIB: spool.limit_mib is "much"; expected a whole number from 1 to 1048576',
  ]);
  expect(problemsOf('outputs: [stdout, nowhere]\n')).toEqual([
    'a.yaml:1:19: outputs.1 is "nowhere"; expected a list, each stdout or file:PATH',
  ]);
});

test('a value where a section belongs is refused', () => {
  expect(problemsOf('rules: /etc/rules\n')).toEqual(['a.yaml:1:1: rules must be a mapping']);
});

test('a file that is no YAML, or no mapping, is refused with its place', () => {
  expect(problemsOf('data: "unfinished\nnode: x\n')[0]).toMatch(/^a\.yaml:\d+:\d+: not YAML: /);
  expect(problemsOf('- a\n- b\n')).toEqual(['a.yaml:1:1: expected a mapping of keys']);
});

test('a variable that is nearly ours is warned of, one of Kubernetes is not', () => {
  const env = {
    ATALAYA_COLECTOR_ADDRESS: 'x',
    ATALAYA_COLLECTOR_SERVICE_HOST: '10.0.0.1',
    ATALAYA_COLLECTOR_PORT_5065_TCP: 'x',
  };
  expect(configOf('', { env }).warnings.map(formatProblem)).toEqual([
    'the environment variable ATALAYA_COLECTOR_ADDRESS: sets nothing; did you mean ATALAYA_COLLECTOR_ADDRESS?',
  ]);
});

test('the example file is valid and changes nothing', () => {
  const text = readFileSync(new URL('../../../deploy/atalaya.example.yaml', import.meta.url), 'utf8');
  expect(configOf(text).config).toEqual(configOf('').config);
});
