import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../agent/rules/diagnostics.ts';
import { changed, ruleWith, withCondition } from './bad-input/case.ts';
import { compile } from './support/rules.ts';

function findings(text: string): readonly string[] {
  const { errors, warnings } = compile(text);
  return [...errors, ...warnings].map((finding) => formatDiagnostic(finding).replace('file1.yaml:', ''));
}

describe('what is not YAML', () => {
  test.each([
    ['a quote without end', '- rule: "r\n  desc: d\n', /^\d+:\d+: error: not YAML: .* \[LOAD_ERR_YAML_PARSE\]$/],
    ['a bracket without end', '- list: l\n  items: [a, b\n', /^\d+:\d+: error: not YAML: .* \[LOAD_ERR_YAML_PARSE\]$/],
    ['a colon too many', '- rule: a: b\n', /^1:\d+: error: not YAML: .* \[LOAD_ERR_YAML_PARSE\]$/],
    ['a wrong indent', '- rule: r\n desc: d\n', /^\d:\d+: error: not YAML: .* \[LOAD_ERR_YAML_PARSE\]$/],
    ['an alias of nothing', '- *a\n', /^1:3: error: .*'\*a' \[LOAD_ERR_YAML_PARSE\]$/],
  ])('%s: one error at its place', (_name, text, line) => {
    const found = findings(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(line);
  });

  test('tabs that indent are named', () => {
    expect(findings('- rule: r\n\tdesc: d\n')).toEqual([
      '2:1: error: a tab cannot indent a line; use blanks [LOAD_ERR_YAML_PARSE]',
    ]);
  });

  test('one error is told of each document', () => {
    expect(findings('- a: "b\n').length).toBe(1);
    expect(findings(`${'x: ]\n'.repeat(100)}---\n${'y: ]\n'.repeat(100)}`).length).toBe(2);
  });

  test('no name is called undefined that the wrong file may define', () => {
    const { errors } = compile(['- macro: m\n  condition: "evt.type=open\n', withCondition('evt.type=open')]);
    expect(errors.map(({ file, code }) => [file, code])).toEqual([['file1.yaml', 'LOAD_ERR_YAML_PARSE']]);
  });
});

describe('odd but valid YAML', () => {
  test('line ends CRLF do not move places', () => {
    expect(findings(withCondition('evt.type=open and proc.nmae=a').replaceAll('\n', '\r\n'))).toEqual([
      "3:32: error in rule 'r': there is no field 'proc.nmae'; did you mean 'proc.name'? [LOAD_ERR_COMPILE_CONDITION]",
    ]);
  });

  test('tags and directives mean nothing: nothing is made of them but text', () => {
    const text = `%YAML 1.1\n---\n- list: !!python/object/apply:os.system [x]\n- list: l\n  items: !!js/function [a]\n`;
    expect(findings(text)).toEqual([
      "3:41: error: 'list' takes one value; found a list; expected text or a number [LOAD_ERR_YAML_VALIDATE]",
    ]);
    expect(
      compile('- list: l\n  items: [yes, 010, 1e3, ~, 2020-01-01]\n').errors.map(({ message }) => message),
    ).toEqual(['a list holds single values']);
  });

  test('a key twice in an item: the first counts, and there is a warning', () => {
    expect(findings(ruleWith('priority: ERROR\npriority: DEBUG'))).toEqual([
      "6:3: warning in rule 'r': the key 'priority' stands twice; the first counts [NOTE_DUPLICATE_KEY]",
      "7:3: warning in rule 'r': the key 'priority' stands twice; the first counts [NOTE_DUPLICATE_KEY]",
    ]);
    expect(compile(ruleWith('priority: ERROR')).ruleSet.rules[0]?.priority).toBe('Informational');
  });

  test('keys that are no text are unknown keys', () => {
    expect(findings('- ? [a, b]\n  : c\n')[0]).toMatch(/^1:3: warning: the item is of no known kind/);
    expect(findings(ruleWith('? {a: b}\n: c'))).toEqual([
      "6:5: warning in rule 'r': the key '' means nothing here and is ignored [LOAD_UNKNOWN_KEY]",
    ]);
  });

  test('NUL bytes are refused in values, wherever they come from', () => {
    const nul =
      "error in rule 'r': no value has a NUL byte; expected a text without \\x00 [LOAD_ERR_COMPILE_CONDITION]";
    expect(findings(withCondition('evt.type=open and proc.name=a\0b'))).toEqual([`3:42: ${nul}`]);
    expect(findings(withCondition('"evt.type=open and proc.name=a\\0b"'))).toEqual([`3:43: ${nul}`]);
  });

  test('names of what all objects have are names like others', () => {
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf']) {
      // Parts of field names begin with a letter.
      const part = name.replace(/^_+/, '');
      expect(
        findings(changed(`- rule: r\n  ${name}: append\n  condition: a\n  override: {${name}: append}\n`)),
      ).toEqual([`9:14: error in rule 'r': nothing can be appended to '${name}' [LOAD_ERR_YAML_VALIDATE]`]);
      expect(findings(withCondition(`proc.${part} = a`))[0]).toMatch(/^3:14: error in rule 'r': there is no field/);
      expect(findings(withCondition(`evt.type=open and evt.arg.${part} = a`))[0]).toMatch(
        /no event has a parameter|there is no field/,
      );
      expect(findings(withCondition(`evt.type = ${name}`))[0]).toContain(`no event is called '${name}'`);
      expect(findings(withCondition(`fd.sport = ${name}`))[0]).toContain(`'${name}' is no port`);
      expect(findings(ruleWith('').replace('INFO', name))[0]).toContain('there is no such priority');
      expect(findings(`- ${name}: x\n`)[0]).toMatch(/^1:3: warning: the item is of no known kind/);
    }
  });

  test('text of other alphabets is shown as it is, whatever is wrong with it', () => {
    expect(findings(withCondition('evt.type=öffnen and proc.pid=фы'))).toEqual([
      "3:23: error in rule 'r': no event is called 'öffnen'; expected the name of an event [LOAD_ERR_COMPILE_CONDITION]",
      "3:43: error in rule 'r': 'фы' is no number; expected a decimal integer [LOAD_ERR_COMPILE_CONDITION]",
    ]);
    expect(findings(withCondition('evt.type=open 観'))[0]).toContain("behind 'open'");
  });
});
