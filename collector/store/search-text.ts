import { AtalayaError } from '../../agent/lib/errors.ts';

/** Words of one search; each is a look-up of its own. */
const MAX_WORDS = 32;
const MAX_LENGTH = 1000;

/**
 * What a person writes into a search, as FTS5 wants it: words that must all occur, "words in quotes" that follow each other,
 * word* for any that begins so. Everything else is text, and never an operator. Throws E_FILTER.
 */
export function toMatch(text: string): string {
  if (text.length > MAX_LENGTH) throw new AtalayaError('E_FILTER', `the text is longer than ${MAX_LENGTH} characters`);
  const parts = [...text.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, word]) => part(quoted ?? word ?? ''));
  const match = parts.filter((each) => each !== '');
  if (match.length === 0) throw new AtalayaError('E_FILTER', 'the text has no letter or digit to look for');
  if (match.length > MAX_WORDS) throw new AtalayaError('E_FILTER', `the text has more than ${MAX_WORDS} words`);
  return match.join(' AND ');
}

/** Quoted, so that FTS5 takes it apart as it does the outputs: `/etc/shadow` is etc followed by shadow. */
function part(text: string): string {
  const prefix = text.endsWith('*');
  const words = text.replaceAll('\0', ' ').replace(/\*+$/, '');
  if (!/[\p{L}\p{N}]/u.test(words)) return '';
  return `"${words}"${prefix ? '*' : ''}`;
}

/** An output without the time and priority before its message: nobody looks for them as words. */
export function withoutPreamble(output: string): string {
  return output.replace(/^\d\d:\d\d:\d\d\.\d+: [A-Z][a-z]+ /, '');
}
