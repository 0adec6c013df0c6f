import { describe, expect, it } from 'vitest';
import { compile, rule } from './support/rules.ts';

/** Line and column of each error. */
function places(...texts: string[]): readonly string[] {
  return compile(texts).errors.map(({ file, line, column }) => `${file}:${line}:${column}`);
}

describe('the place of an error', () => {
  it('is the comparison in a plain scalar', () => {
    expect(places(rule('r', 'evt.type=open and nosuch.field=a'))).toEqual(['file1.yaml:3:32']);
  });

  it('is the comparison on its own line of a folded scalar', () => {
    const text = rule('r', '>\n    evt.type = open\n    and proc.name = a\n    and nosuch.field = b');
    expect(places(text)).toEqual(['file1.yaml:6:9']);
  });

  it('is the comparison on its own line of a literal scalar', () => {
    expect(places(rule('r', '|\n    evt.type = open and\n    nosuch.field = b'))).toEqual(['file1.yaml:5:5']);
  });

  it('is inside of quotes where the scalar is quoted', () => {
    expect(places(rule('r', '"evt.type=open and nosuch.field=a"'))).toEqual(['file1.yaml:3:33']);
  });

  it('is in the macro that holds the comparison', () => {
    const macro = '- macro: m\n  condition: nosuch.field = a\n';
    expect(places(macro + rule('r', 'evt.type=open and m'))).toEqual(['file1.yaml:2:14']);
  });

  it('is in the file that appended the condition', () => {
    const more = '- rule: r\n  condition: and nosuch.field = a\n  override:\n    condition: append\n';
    expect(places(rule('r', 'evt.type=open'), more)).toEqual(['file2.yaml:2:18']);
  });

  it('is where a list is named when its items break the condition', () => {
    const list = '- list: l\n  items: ["it\'s"]\n';
    expect(places(list + rule('r', 'evt.type=open and proc.name in (l)'))).toEqual(['file1.yaml:5:46']);
  });

  it('is in each of two rules that say the same', () => {
    const found = compile([rule('r', 'evt.type=opn') + rule('s', 'evt.type=opn')]).errors;
    expect(found.map(({ item, line, column }) => `${item} ${line}:${column}`)).toEqual([
      "rule 'r' 3:23",
      "rule 's' 8:23",
    ]);
  });

  it('is in the last of two definitions that say the same', () => {
    const twice = compile([rule('r', 'evt.type=open and fd.sip.name=a'), rule('r', 'evt.type=open and fd.sip.name=a')]);
    expect(twice.warnings.map(({ file }) => file)).toContain('file2.yaml');
  });

  it('counts characters, not bytes', () => {
    expect(places(rule('r', 'proc.name = "äöü" and nosuch.field = a'))).toEqual(['file1.yaml:3:36']);
  });

  it('is the token in an output', () => {
    const text = rule('r', 'evt.type=open').replace('output: o', 'output: user=%user.name x=%nosuch.field');
    expect(places(text)).toEqual(['file1.yaml:4:29']);
  });

  it('is the value of an exception that does not fit', () => {
    const exceptions = [
      'exceptions:',
      '    - name: e',
      '      fields: [proc.name, fd.name]',
      '      values:',
      '        - [a]',
    ];
    expect(places(rule('r', 'evt.type=open', exceptions.join('\n')))).toEqual(['file1.yaml:10:11']);
  });

  it('is where YAML breaks', () => {
    expect(places('- rule: r\n  condition: [evt.type=open\n')[0]).toBe('file1.yaml:3:1');
  });
});

it('reports the errors of all items and files at once, each once', () => {
  const first = rule('a', 'nosuch.one=1 or nosuch.two=2') + rule('b', 'proc.pid contains 1');
  const second = `${rule('c', 'proc.name =')}- list: l\n- macro: m\n  condition: (\n`;
  expect(places(first, second)).toEqual([
    'file1.yaml:3:14',
    'file1.yaml:3:30',
    'file1.yaml:8:14',
    'file2.yaml:6:3',
    'file2.yaml:8:15',
    'file2.yaml:3:25',
  ]);
});
