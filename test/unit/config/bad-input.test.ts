import { expect, test } from 'vitest';
import { type ConfigSources, loadConfig } from '../../../agent/config/load.ts';
import { formatProblem } from '../../../agent/config/problem.ts';

function problemsOf(text: string, more: Omit<ConfigSources, 'file'> = {}): string[] {
  const result = loadConfig({ file: { path: 'a.yaml', text }, ...more });
  return result.ok ? [] : result.problems.map(formatProblem);
}

/** Each level names the one before ten times. */
const aliases = (levels: number): string =>
  Array.from({ length: levels }, (_, level) => {
    const inside = level === 0 ? Array(10).fill('x') : Array(10).fill(`*n${level - 1}`);
    return `k${level}: &n${level} [${inside.join()}]\n`;
  }).join('');

test('a key `__proto__` is a key like others, and changes no other object', () => {
  expect(problemsOf('__proto__:\n  polluted: yes\nlog:\n  __proto__: {level: debug}\n')).toEqual([
    expect.stringMatching(/^a\.yaml:1:1: unknown key '__proto__'; expected one of node, data, /),
    "a.yaml:4:3: unknown key '__proto__' in log; expected one of level",
  ]);
  expect(problemsOf('constructor: {prototype: {polluted: 1}}\n')[0]).toMatch(/^a\.yaml:1:1: unknown key 'constructor'/);
  expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
});

test.each([
  ['a bomb of aliases', aliases(10), /^a\.yaml:1:1: not YAML: .*alias/],
  ['an alias of nothing', 'data: *x\n', /^a\.yaml:1:1: not YAML: .*alias.*: x$/],
  ['brackets without end', `data: ${'['.repeat(1_000_000)}`, /^a\.yaml:1:\d+: nests deeper than 100 levels$/],
  ['mappings without end', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''), /100 levels$/],
  ['a tab', 'log:\n\tlevel: info\n', /^a\.yaml:2:1: a tab cannot indent a line; use blanks$/],
  ['the same key twice', 'data: /a\ndata: /b\n', /^a\.yaml:2:1: not YAML: .*unique$/],
  ['two documents', 'data: /a\n---\ndata: /b\n', /^a\.yaml:2:1: a second document; expected one$/],
  ['a quote without end', 'node: x\ndata: "a\n', /^a\.yaml:\d:\d+: not YAML: /],
  ['a list', '- a\n', /^a\.yaml:1:1: expected a mapping of keys$/],
  ['a text', 'hello\n', /^a\.yaml:1:1: expected a mapping of keys$/],
])('%s is refused with its place', (_name, text, problem) => {
  const problems = problemsOf(text);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(problem);
});

test('each wrong value is told, with what was found and what was expected', () => {
  const text = `heartbeat_seconds: 1.5
log: {level: [info]}
http: nowhere
rules: {paths: /etc/rules, matching: some, select: [{enable: {rule: a}, disable: {tag: b}}, {}, {enable: {}}]}
outputs: stdout
collector: {insecure: maybe}
sensor: {pool_mib: 1}
redact: {names: ["a b"]}
spool: [1]
`;
  expect(problemsOf(text).sort()).toEqual([
    'a.yaml:1:1: heartbeat_seconds is 1.5; expected a whole number from 1 to 3600',
    'a.yaml:2:7: log.level is ["info"]; expected one of debug, info, warn, error',
    'a.yaml:3:1: http is "nowhere"; expected HOST:PORT, [IPV6]:PORT, unix:PATH or none',
    'a.yaml:4:28: rules.matching is "some"; expected one of all, first',
    'a.yaml:4:53: rules.select.0 needs only one of enable, disable',
    'a.yaml:4:93: rules.select.1 needs one of enable, disable',
    'a.yaml:4:98: rules.select.2.enable needs one of rule, tag',
    'a.yaml:4:9: rules.paths is "/etc/rules"; expected a list, each a text',
    'a.yaml:5:1: outputs is "stdout"; expected a list, each stdout or file:PATH',
    'a.yaml:6:13: collector.insecure is "maybe"; expected true or false',
    'a.yaml:7:10: sensor.pool_mib is 1; expected a whole number from 4 to 4096',
    'a.yaml:8:18: redact.names.0 is "a b"; expected a list, each a name of letters, digits, `-`, `_` and `.`',
    'a.yaml:9:1: spool must be a mapping',
  ]);
});

test('a long value is cut in its message', () => {
  const [problem] = problemsOf(`http: ${'x'.repeat(100_000)}\n`);
  expect(problem?.length).toBeLessThan(200);
});

test('a variable of the environment is told by its name', () => {
  const env = { ATALAYA_SPOOL_LIMIT_MIB: '1e9', ATALAYA_RULES_SELECT: 'x', ATALAYA_REDACT_ENABLED: '1' };
  expect(problemsOf('', { env })).toEqual([
    'the environment variable ATALAYA_RULES_SELECT: rules.select can only stand in a file',
    'the environment variable ATALAYA_SPOOL_LIMIT_MIB: spool.limit_mib is "1e9"; expected a whole number from 1 to 1048576',
    'the environment variable ATALAYA_REDACT_ENABLED: redact.enabled is "1"; expected true or false',
  ]);
});
