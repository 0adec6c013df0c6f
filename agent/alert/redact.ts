import type { FieldJson } from '../events/alert.ts';
import { secretsInArguments } from './argument-secrets.ts';
import { createSecretNames } from './secret-names.ts';
import { HEADER_SECRET, LETTER_OPTIONS, TOKENS, URL_SECRET } from './secret-patterns.ts';

/** What stands in the place of a secret. */
export const MASK = '***';

/** A process whose arguments may hold secrets. Unicode text. */
export interface ArgumentSource {
  readonly exe: string;
  readonly comm: string;
  readonly args: readonly string[];
}

export interface Redactor {
  /** A mask for the texts of one alert; it knows the secrets in the arguments of these processes exactly. */
  forAlert(processes: readonly ArgumentSource[]): Mask;
}

export interface Mask {
  text(text: string): string;
  /** The same value if nothing in it is secret. */
  value(value: FieldJson): FieldJson;
}

export interface RedactOptions {
  readonly enabled: boolean;
  /** Further names whose values are secrets. */
  readonly names: readonly string[];
}

const TRANSPARENT: Mask = { text: (text) => text, value: (value) => value };

export function createRedactor({ enabled, names: more }: RedactOptions): Redactor {
  if (!enabled) return { forAlert: () => TRANSPARENT };
  const names = createSecretNames(more);
  const masked = `$1${MASK}`;
  const patterns: readonly (readonly [RegExp, string])[] = [
    ...TOKENS.map((token) => [token, MASK] as const),
    [URL_SECRET, masked],
    [HEADER_SECRET, masked],
    ...names.inText.map((pattern) => [pattern, masked] as const),
    [letterPattern(), masked],
  ];
  return {
    forAlert: (processes) => {
      const placed = processes.flatMap(({ exe, comm, args }) => [
        ...secretsInArguments(exe, args, names),
        ...secretsInArguments(comm, args, names),
      ]);
      // The longest first: one may be part of another.
      const exact = placed.sort((a, b) => b.secret.length - a.secret.length);
      const text = (plain: string): string => {
        let safe = plain;
        // Only in its place: a secret that is a common word must not hide that word elsewhere.
        for (const { before, secret } of exact) safe = safe.replaceAll(before + secret, () => before + MASK);
        for (const [pattern, replacement] of patterns) safe = safe.replace(pattern, replacement);
        return safe;
      };
      return { text, value: (value) => maskValue(value, text) };
    },
  };
}

function maskValue(value: FieldJson, text: (plain: string) => string): FieldJson {
  if (typeof value === 'string') return text(value);
  return Array.isArray(value) ? (value as readonly FieldJson[]).map((item) => maskValue(item, text)) : value;
}

/** `mysql ... -pSECRET` and its like in a joined command line. */
function letterPattern(): RegExp {
  const programs = Object.entries(LETTER_OPTIONS).map(([program, { letter, form }]) => {
    const gap = form === 'both' ? '\\s{0,2}' : '';
    return `${program}\\s(?:[^\\n]{0,512}?\\s)?-${letter}${gap}`;
  });
  return new RegExp(`((?<![\\w.-])(?:${programs.join('|')}))([^\\s"']{1,1024})`, 'g');
}
