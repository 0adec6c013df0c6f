import { safeLine } from '../lib/safe-text.ts';

/** The last column is not made narrower than this, however narrow the terminal. */
const LAST_MIN = 30;

/**
 * Rows below a head as a table of plain text that no cell can break. Columns are as wide as their longest cell; the
 * last one is wrapped at words to fit `width`, and stays on one line without it.
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number = Number.POSITIVE_INFINITY,
): string {
  const lines = [head, ...rows].map((row) => row.map(safeLine));
  const widths = head.slice(0, -1).map((_, column) => Math.max(...lines.map((row) => lengthOf(row[column] ?? ''))));
  const before = widths.reduce((sum, cell) => sum + cell + 2, 0);
  const room = Math.max(width - before, LAST_MIN);
  const printed = lines.flatMap((row) => {
    const start = widths.map((cell, column) => `${pad(row[column] ?? '', cell)}  `).join('');
    return wrap(row.at(-1) ?? '', room).map((part, index) => `${index === 0 ? start : ' '.repeat(before)}${part}`);
  });
  return printed.map((line) => `${line.trimEnd()}\n`).join('');
}

/** A text cut between words into parts that fit; a longer word has a part of its own. */
function wrap(text: string, room: number): readonly string[] {
  if (lengthOf(text) <= room) return [text];
  const parts: string[] = [];
  let part = '';
  for (const word of text.split(' ')) {
    if (part !== '' && lengthOf(part) + 1 + lengthOf(word) > room) {
      parts.push(part);
      part = word;
    } else {
      part = part === '' ? word : `${part} ${word}`;
    }
  }
  return [...parts, part];
}

function lengthOf(cell: string): number {
  return [...cell].length;
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(width - lengthOf(cell), 0));
}
