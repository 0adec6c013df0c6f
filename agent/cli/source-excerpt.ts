import { safeLine } from '../lib/safe-text.ts';

/** Characters of a line that are shown around a place. */
const WIDTH = 100;

/** The line of a text with a mark below the place, or nothing where there is no such line. Line and column from 1. */
export function sourceExcerpt(
  text: string | undefined,
  { line, column }: { readonly line: number; readonly column: number },
): readonly string[] {
  const whole = text?.split('\n', line)[line - 1];
  if (whole === undefined) return [];
  const start = Math.max(0, column - 1 - WIDTH / 2);
  const shown = whole.slice(start, start + WIDTH);
  const before = safeLine(whole.slice(start, column - 1).replaceAll('\t', ' '));
  const margin = `${line} | `;
  return [`${margin}${safeLine(shown.replaceAll('\t', ' '))}`, `${' '.repeat(margin.length + before.length)}^`];
}
