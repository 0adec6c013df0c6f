import { SECRET_NAMES, SECRET_WORDS } from './secret-patterns.ts';

/** Tells names of options, variables and headers whose values are secrets. */
export interface SecretNames {
  has(name: string): boolean;
  /** `NAME=VALUE`, `--NAME VALUE`, `NAME: VALUE` in a text; groups: the name with what follows it, and the value. */
  readonly inText: readonly RegExp[];
}

/** `more`: further names, exactly; `-` and `_` are the same, case does not matter. */
export function createSecretNames(more: readonly string[]): SecretNames {
  const exact = new Set([...SECRET_NAMES, ...more].map(plain));
  const endings = [...new Set(SECRET_WORDS.map(plain))];
  const words = SECRET_WORDS.map((word) => word.replaceAll('-', '[-_]?')).join('|');
  const names = more.map((name) => name.replace(/[.]/g, '\\.').replace(/[-_]/g, '[-_]'));
  // The name may have any beginning (DB_PASSWORD, --root-password), but nothing behind it (token-file is a path).
  const name = `(?:[\\w.-]{0,64}(?:${words})${names.map((extra) => `|${extra}`).join('')})`;
  const alone = `(?:${[...SECRET_NAMES, ...names].join('|')})`;
  const value = `("[^"]{0,4096}"?|'[^']{0,4096}'?|[^\\s"'&;,]{1,4096})`;
  return {
    has: (text) => {
      const wanted = plain(text);
      return exact.has(wanted) || endings.some((ending) => wanted.endsWith(ending));
    },
    inText: [
      new RegExp(`((?<![\\w.-])${name}["']?\\s{0,2}[=:]\\s{0,2})${value}`, 'gi'),
      new RegExp(`((?<![\\w.-])--?${alone}=)${value}`, 'gi'),
      new RegExp(`((?<![\\w.-])--${name}\\s{1,2})(?!-)${value}`, 'gi'),
      // openssl: -passin pass:SECRET
      new RegExp(`(\\bpass:)${value}`, 'g'),
    ],
  };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}
