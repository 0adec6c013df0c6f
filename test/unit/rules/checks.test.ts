import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { rule, testCatalogue, warningsOf } from './support/rules.ts';

/** What is wrong with a condition that stands alone. */
function faults(condition: string): readonly string[] {
  const filter = compileFilter(condition, testCatalogue);
  if (filter.ok) return [];
  return filter.errors.map(({ message, nearest }) => (nearest === undefined ? message : `${message} (${nearest})`));
}

describe('a condition', () => {
  it('names the nearest field, parameter and event type', () => {
    expect(faults('proc.nmae = a or evt.arg.flag = b or evt.type = opnat')).toEqual([
      'filter_check called with nonexistent field proc.nmae (proc.name)',
      'unknown event argument flag (evt.arg.flags)',
      'unknown event type opnat (openat)',
    ]);
  });

  it('takes arguments only where and as the field has them', () => {
    expect(faults('proc.name[1] = a')).toEqual(['filter_check called with nonexistent field proc.name[1]']);
    expect(faults('proc.aname[x] = a')).toEqual(['filter_check called with nonexistent field proc.aname[x]']);
    expect(faults('container.name[x] = a')).toEqual([
      "filter 'container.name[x]': container.name does not allow nor require an argument but one is provided: x",
    ]);
    expect(faults('container.label = a')).toEqual([
      "filter 'container.label': container.label requires an argument but none provided",
    ]);
    expect(faults('evt.arg = a')).toEqual(['filter syntax error: evt.arg']);
    expect(faults('proc.aname[-1] = a and proc.env[A B] = c').length).toBe(1);
    expect(faults('proc.env["A B"] = c and evt.arg[0] = b and evt.abspath.src = x')).toEqual([]);
  });

  it('compares fields of one type only', () => {
    expect(faults('proc.name = val(proc.pid)')).toEqual([
      "field 'proc.name' has type 'CHARBUF' while the right-hand side field 'proc.pid' has incompatible type 'INT64'",
    ]);
    expect(faults('proc.name = val(proc.aname)')).toEqual([
      "field 'proc.aname' can't be used as a right-hand side field",
    ]);
    expect(faults('proc.name regex val(proc.pname)')).toEqual([
      "operator 'REGEX' doesn't support right-hand side fields",
    ]);
  });

  it('does not take macros where it stands alone', () => {
    expect(faults('spawned_process')).toEqual(["filter error: unexpected identifier 'spawned_process'"]);
  });

  it('reads the literal of a raw parameter by the parameter', () => {
    expect(faults('evt.rawarg.res = x')).toEqual(['x is not a valid number']);
    expect(faults('evt.rawarg.res < 0 and evt.rawarg.path contains x')).toEqual([]);
  });
});

describe('warnings', () => {
  it('tell of constants that look like fields, transformers and plain regexes', () => {
    const messages = warningsOf(
      rule('r', 'evt.type=open and proc.name=proc.pname and proc.name in ("len(x)") and proc.name regex abc'),
    );
    expect(messages.map((line) => line.replace(/^.*r': /, ''))).toEqual([
      "'proc.pname' may be a valid field misused as a const string value [LOAD_COMPILE_CONDITION]",
      "'len(x)' may be a valid field transformer misused as a const string value [LOAD_COMPILE_CONDITION]",
      "regex check with 'abc' may be optimized with simpler operators such as '=', 'contains', 'startswith', 'endswith' " +
        '[LOAD_COMPILE_CONDITION]',
    ]);
  });

  it('tell of comparisons that can never be true', () => {
    expect(warningsOf(rule('r', 'evt.type=connect and fd.ip in (1.2.3.4)'))).toEqual([
      "file1.yaml:3:14: warning in rule 'r': 'fd.ip in (1.2.3.4)' is never true: " +
        'use several comparisons with = [NOTE_NEVER_MATCHES]',
    ]);
  });

  it('tell of fields that this build can never give', () => {
    const [line] = warningsOf(rule('r', 'evt.type=open and evt.buffer contains x'));
    expect(line).toMatch(/'evt.buffer' never has a value here: .* \[NOTE_UNAVAILABLE_FIELD\]$/);
  });
});
