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
      "there is no field 'proc.nmae' (proc.name)",
      "no event has a parameter 'flag' (evt.arg.flags)",
      "no event is called 'opnat' (openat)",
    ]);
  });

  it('takes arguments only where and as the field has them', () => {
    expect(faults('proc.name[1] = a')).toEqual(["there is no field 'proc.name[1]'"]);
    expect(faults('proc.aname[x] = a')).toEqual(["there is no field 'proc.aname[x]'"]);
    expect(faults('container.name[x] = a')).toEqual(["'container.name' takes no argument"]);
    expect(faults('container.label = a')).toEqual(["'container.label' needs an argument"]);
    expect(faults('evt.arg = a')).toEqual(["'evt.arg' needs an argument"]);
    expect(faults('proc.aname[-1] = a and proc.env[A B] = c').length).toBe(1);
    expect(faults('proc.env["A B"] = c and evt.arg[0] = b and evt.abspath.src = x')).toEqual([]);
  });

  it('compares fields of one type only', () => {
    expect(faults('proc.name = val(proc.pid)')).toEqual([
      "'proc.name' is CHARBUF and 'proc.pid' is INT64: they cannot be compared",
    ]);
    expect(faults('proc.name = val(proc.aname)')).toEqual(["'proc.aname' cannot stand on the right"]);
    expect(faults('proc.name regex val(proc.pname)')).toEqual(['regex takes a text on its right, no field']);
  });

  it('does not take macros where it stands alone', () => {
    expect(faults('spawned_process')).toEqual(["there are no macros here, and so no 'spawned_process'"]);
  });

  it('reads the literal of a raw parameter by the parameter', () => {
    expect(faults('evt.rawarg.res = x')).toEqual(["'x' is no number"]);
    expect(faults('evt.rawarg.res < 0 and evt.rawarg.path contains x')).toEqual([]);
  });
});

describe('warnings', () => {
  it('tell of constants that look like fields, transformers and plain regexes', () => {
    const messages = warningsOf(
      rule('r', 'evt.type=open and proc.name=proc.pname and proc.name in ("len(x)") and proc.name regex abc'),
    );
    expect(messages.map((line) => line.replace(/^.*r': /, ''))).toEqual([
      "'proc.pname' is compared as a text, and there is a field of this name: val(proc.pname) is its value [LOAD_COMPILE_CONDITION]",
      "'len(x)' is compared as a text, and looks like a transformer: leave the quotes out to apply it [LOAD_COMPILE_CONDITION]",
      "the regex 'abc' is a plain text: =, contains, startswith or endswith is faster " + '[LOAD_COMPILE_CONDITION]',
    ]);
  });

  it('tell of comparisons that can never be true', () => {
    expect(warningsOf(rule('r', 'evt.type=connect and fd.ip in (1.2.3.4)'))).toEqual([
      "file1.yaml:3:35: warning in rule 'r': 'fd.ip in (1.2.3.4)' is never true: " +
        'use several comparisons with = [NOTE_NEVER_MATCHES]',
    ]);
  });

  it('tell of fields that this build can never give', () => {
    const [line] = warningsOf(rule('r', 'evt.type=open and evt.buffer contains x'));
    expect(line).toMatch(/'evt.buffer' never has a value here: .* \[NOTE_UNAVAILABLE_FIELD\]$/);
  });
});
