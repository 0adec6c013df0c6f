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
  const byPatterns = remember(TEXTS_KEPT, (plain: string) =>
    patterns.reduce((safe, [pattern, replacement]) => safe.replace(pattern, replacement), plain),
  );
  const inArguments = remember(PROCESSES_KEPT, (key: string) => {
    const [exe = '', comm = '', ...args] = key.split('\0');
    return [...secretsInArguments(exe, args, names), ...secretsInArguments(comm, args, names)];
  });
  return {
    forAlert: (processes) => {
      const placed = processes.flatMap(({ exe, comm, args }) => inArguments([exe, comm, ...args].join('\0')));
      // The longest first: one may be part of another.
      const exact = placed.sort((a, b) => b.secret.length - a.secret.length);
      const text = (plain: string): string => {
        let safe = plain;
        // Only in its place: a secret that is a common word must not hide that word elsewhere.
        for (const { before, secret } of exact) safe = safe.replaceAll(before + secret, () => before + MASK);
        return byPatterns(safe);
      };
      return { text, value: (value) => maskValue(value, text) };
    },
  };
}

/** Alerts come in runs that share most of their texts, and to look through one costs as much as all else of its alert. */
const TEXTS_KEPT = 8192;
const PROCESSES_KEPT = 1024;
/** Longer texts seldom come again. */
const KEY_CHARS_MAX = 1024;

/** The function, with its latest results kept. */
function remember<T>(limit: number, compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const result = compute(key);
    if (known.size >= limit) known.clear();
    if (key.length <= KEY_CHARS_MAX) known.set(key, result);
    return result;
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
