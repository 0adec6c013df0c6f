import { describe, expect, it } from 'vitest';
import { Network, parseIpv4, parseIpv6 } from '../../../agent/rules/addresses.ts';
import { listOptions, selectOption } from '../../../agent/rules/getopt.ts';
import { compileGlob } from '../../../agent/rules/glob.ts';
import { parseLiteral } from '../../../agent/rules/literals.ts';
import { nearestName } from '../../../agent/rules/nearest.ts';
import { PathTrie } from '../../../agent/rules/path-trie.ts';
import { compileRegex } from '../../../agent/rules/regex.ts';
import { matchesWildcard } from '../../../agent/rules/selection.ts';

describe('globs', () => {
  const match = (pattern: string, value: string, fold = false): boolean => compileGlob(pattern, fold)(value);

  it('cover the whole value, slashes and leading dots included', () => {
    expect(match('/etc/*', '/etc/a/.b')).toBe(true);
    expect(match('/etc/*', '/etc')).toBe(false);
    expect(match('*a*b*c', 'xxaxxbxxc')).toBe(true);
    expect(match('*a*b*c', 'xxaxxcxxb')).toBe(false);
    expect(match('', '')).toBe(true);
    expect(match('?', '')).toBe(false);
  });

  it('know sets, ranges, classes and negation', () => {
    expect(match('[a-c]x', 'bx')).toBe(true);
    expect(match('[!a-c]x', 'bx')).toBe(false);
    expect(match('[^a-c]x', 'dx')).toBe(true);
    expect(match('[]x]y', ']y')).toBe(true);
    expect(match('[[:digit:]-]1', '-1')).toBe(true);
    expect(match('[a', '[a')).toBe(true);
    expect(match('a[!]b]', 'ac')).toBe(true);
  });

  it('let a backslash quote', () => {
    expect(match('a\\*', 'a*')).toBe(true);
    expect(match('a\\*', 'ab')).toBe(false);
    expect(match('a\\', 'a\\')).toBe(false);
  });

  it('ignore ASCII case on demand', () => {
    expect(match('B[A-Z]?h', 'bash', true)).toBe(true);
    expect(match('ä', 'Ä', true)).toBe(false);
  });

  it('stay quadratic at worst', () => {
    const start = performance.now();
    expect(match(`${'*a'.repeat(100)}b`, 'a'.repeat(4000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('paths', () => {
  const matches = (paths: readonly string[], value: string): boolean => new PathTrie(paths).matches(value);

  it('match by whole components', () => {
    expect(matches(['/etc'], '/etc/x')).toBe(true);
    expect(matches(['/etc'], '/etcx')).toBe(false);
    expect(matches(['/etc/'], 'etc//x')).toBe(true);
    expect(matches(['/'], '/anything')).toBe(true);
    expect(matches([''], 'anything')).toBe(true);
    expect(matches([], '/etc')).toBe(false);
  });

  it('try every pattern at every depth', () => {
    expect(matches(['/o*/a', '/op*/b'], '/opt/b/c')).toBe(true);
    expect(matches(['/*/*/x', '/a/b'], '/a/b/y')).toBe(true);
    expect(matches(['/a/b/c', '/a/*/d'], '/a/b/d')).toBe(true);
  });
});

describe('regular expressions', () => {
  const compiles = (pattern: string): boolean => compileRegex(pattern).ok;
  const match = (pattern: string, value: string): boolean => {
    const compiled = compileRegex(pattern);
    return compiled.ok && compiled.matches(value);
  };

  it('have no Perl classes and no groups with options', () => {
    for (const pattern of ['\\d+', '\\bx', '(?i)x', '(?:x)', '\\pL', '[\\w]', '(', 'a{2,1}', 'x\\'])
      expect(compiles(pattern)).toBe(false);
  });

  it('have bracket classes, escapes and repeated repetitions', () => {
    expect(match('[[:alpha:]_]+', 'ab_c')).toBe(true);
    expect(match('a**', 'aaa')).toBe(true);
    expect(match('a+?', 'aaa')).toBe(true);
    expect(match('[]]\\.\\x41', '].A')).toBe(true);
    expect(match('[^]]', 'a')).toBe(true);
    expect(match('a.c', 'a\nc')).toBe(false);
  });

  it('read UTF-8, bad bytes as one unknown character', () => {
    expect(match('.', '\xc3\xa4')).toBe(true);
    expect(match('a.b', 'a\xffb')).toBe(true);
  });
});

describe('addresses', () => {
  it('are read as inet_pton does', () => {
    expect(parseIpv4('10.0.0.1')).toBe('\x0a\0\0\x01');
    for (const text of ['10.0.0', '10.0.0.256', '010.0.0.1', '1.2.3.4 ']) expect(parseIpv4(text)).toBeUndefined();
    expect(parseIpv6('::1')).toBe(`${'\0'.repeat(15)}\x01`);
    expect(parseIpv6('2001:db8:0:0:0:0:0:1')).toBe(parseIpv6('2001:db8::1'));
    expect(parseIpv6('::ffff:1.2.3.4')?.length).toBe(16);
    for (const text of [':::', '1:2', '1::2::3', '12345::', '1:2:3:4:5:6:7:8:9', '::1.2.3', '']) {
      expect(parseIpv6(text)).toBeUndefined();
    }
  });

  it('lie in networks of their family', () => {
    const network = new Network('\x0a\x09\x09\x09', 12);
    expect(network.contains('\x0a\x0f\xff\xff')).toBe(true);
    expect(network.contains('\x0a\x10\0\0')).toBe(false);
    expect(network.contains('\0'.repeat(16))).toBe(false);
    expect(new Network('\x01\x02\x03\x04', 0).contains('\xff\xff\xff\xff')).toBe(true);
  });
});

it('reads literals by type', () => {
  const read = (text: string, type: string): unknown => {
    const result = parseLiteral(text, type);
    return result.ok ? result.value : result.error;
  };
  expect(read('18446744073709551616', 'UINT64')).toBe(18446744073709551615n);
  expect(read('-1', 'INT64')).toBe(-1);
  expect(read('0x10', 'INT64')).toBe("'0x10' is no number");
  expect(read('300', 'INT8')).toBe(44);
  expect(read('', 'PORT')).toBe(0);
  expect(read('a\0b', 'CHARBUF')).toBe('no value has a NUL byte');
  expect(read('a'.repeat(256), 'CHARBUF')).toMatch(/^the value that begins with 'a+' has 256 bytes$/);
  expect(read('1.2.3.4/33', 'IPNET')).toBe("'1.2.3.4/33' is no network");
});

it('finds options as getopt does', () => {
  expect(listOptions(['-ab', '-o', 'out', '--long', '-pval', 'stop', '-x'], 'abo:p:')).toEqual([
    'a',
    'b',
    'o',
    'out',
    'p',
    'val',
  ]);
  expect(listOptions(['-z', '-o'], 'o:')).toEqual(['?', '']);
  expect(selectOption(['-o', '1', '-o', '2'], 'o:', 'o')).toBe('2');
  expect(selectOption(['-a'], 'ab', 'b')).toBeUndefined();
  expect(selectOption(['-o'], 'o:', 'o')).toBe('');
});

it('finds the nearest name, or none', () => {
  expect(nearestName('porc.name', ['proc.name', 'proc.pname'])).toBe('proc.name');
  expect(nearestName('zzzzz', ['proc.name'])).toBeUndefined();
  expect(nearestName('x'.repeat(10_000), ['proc.name'])).toBeUndefined();
});

it('covers names with wildcards', () => {
  expect(matchesWildcard('Read sensitive file', 'Read*file')).toBe(true);
  expect(matchesWildcard('Read sensitive file', '*sens*')).toBe(true);
  expect(matchesWildcard('Read', 'Read*Read')).toBe(false);
  expect(matchesWildcard('ab', 'a')).toBe(false);
  expect(matchesWildcard('a*b', 'a*b')).toBe(true);
});
