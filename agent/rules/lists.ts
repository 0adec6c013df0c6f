import type { ByteString } from '../events/bytestring.ts';
import type { CollectedList } from './collect.ts';
import { quoted } from './exceptions.ts';
import { SourceText } from './source-text.ts';

/** Characters that may stand beside a list's name where it is replaced. */
const DELIMITERS = ' \t\n\r(),=';
const BLANKS = ' \t\n\r';
/** A name that stands alone is a word between these; only names that hold one themselves need a search. */
const WORD_BREAK = /[ \t\n\r(),=]+/;
/** A condition that lists make longer than this is refused. */
export const CONDITION_BYTES_MAX = 8 * 1024 * 1024;
/** Names of lists that may be replaced in one condition: each is a piece of text of its own. */
export const REPLACEMENTS_MAX = 100_000;

export interface ResolvedList {
  readonly name: ByteString;
  /** Whether the name is one word, as a condition is split. */
  readonly isWord: boolean;
  /** Items as condition text, joined with commas. */
  readonly text: ByteString;
}

/**
 * Lists after names of other lists among their items were replaced, one level deep: an item that names a list which is
 * visible to it becomes that list's own items. Names in `used` are used by another list.
 */
export function resolveLists(lists: ReadonlyMap<ByteString, CollectedList>): {
  readonly lists: readonly ResolvedList[];
  readonly used: ReadonlySet<ByteString>;
} {
  const used = new Set<ByteString>();
  const resolved = [...lists.values()].map((list) => {
    const items: ByteString[] = [];
    for (const item of list.items) {
      const other = lists.get(item);
      if (other === undefined || other.index >= list.visibility) {
        items.push(item);
        continue;
      }
      used.add(other.name);
      for (const inner of other.items) items.push(inner);
    }
    return { name: list.name, isWord: !WORD_BREAK.test(list.name), text: joinItems(items) };
  });
  return { lists: resolved, used };
}

/** Leading empty items leave no comma behind. */
function joinItems(items: readonly ByteString[]): ByteString {
  const first = items.findIndex((item) => item !== '');
  return first < 0 ? '' : items.slice(first).map(quoted).join(', ');
}

/**
 * Replaces every list's name in a condition, list after list in order of definition. This is text replacement,
 * wherever the name stands alone: between parentheses, as a value, even inside a quoted string. Conditions are
 * expanded again after every file; as long as the lists that a condition names are the same, so is the result.
 */
export class ListExpander {
  private readonly kept = new WeakMap<SourceText, Expansion>();

  /** Undefined if more than REPLACEMENTS_MAX names would have to be replaced. */
  expand(
    condition: SourceText,
    lists: readonly ResolvedList[],
    used: (name: ByteString) => void,
  ): SourceText | undefined {
    const before = this.kept.get(condition);
    const expansion = before !== undefined && isStill(before, lists) ? before : expandLists(condition, lists);
    if (expansion === undefined) return undefined;
    this.kept.set(condition, expansion);
    for (const name of expansion.used) used(name);
    return expansion.text;
  }
}

interface Expansion {
  readonly text: SourceText;
  /** Every word that stood in the condition, at the beginning or once a list was put in. */
  readonly words: ReadonlySet<string>;
  /** Lists whose names were looked for, in order, and those that were found. */
  readonly tried: readonly ResolvedList[];
  readonly used: readonly ByteString[];
}

/** Whether the same lists would be looked for, with the same items. */
function isStill({ words, tried }: Expansion, lists: readonly ResolvedList[]): boolean {
  let count = 0;
  for (const list of lists) {
    if (list.isWord && !words.has(list.name)) continue;
    const other = tried[count++];
    if (other?.name !== list.name || other.text !== list.text) return false;
  }
  return count === tried.length;
}

function expandLists(condition: SourceText, lists: readonly ResolvedList[]): Expansion | undefined {
  let text = condition;
  let left = REPLACEMENTS_MAX;
  const words = new Set(text.text.split(WORD_BREAK));
  const tried: ResolvedList[] = [];
  const used: ByteString[] = [];
  for (const list of lists) {
    if (list.isWord && !words.has(list.name)) continue;
    tried.push(list);
    const { text: replaced, count } = replaceName(text, list, left);
    if (count === 0) continue;
    used.push(list.name);
    text = replaced;
    left -= count;
    if (left === 0) return undefined;
    if (text.text.length > CONDITION_BYTES_MAX) break;
    for (const word of list.text.split(WORD_BREAK)) words.add(word);
  }
  return { text, words, tried, used };
}

/** The text with the name replaced, and how often it was: at most `limit` times. */
function replaceName(
  condition: SourceText,
  list: ResolvedList,
  limit: number,
): { readonly text: SourceText; readonly count: number } {
  const { text } = condition;
  const done = new Tail();
  let copied = 0;
  let count = 0;
  let start = text.indexOf(list.name);
  while (start >= 0 && count < limit && done.length <= CONDITION_BYTES_MAX) {
    let end = start + list.name.length;
    if (!standsAlone(text, start, end)) {
      start = text.indexOf(list.name, start + 1);
      continue;
    }
    count++;
    done.push(condition.slice(copied, start));
    done.dropBlanks();
    while (end < text.length && BLANKS.includes(text.charAt(end))) end++;
    if (list.text === '' && !done.dropComma() && text.charAt(end) === ',') end++;
    // Upstream goes on one character later when nothing stands before the name.
    const resume = done.length === 0 ? end + 1 : end;
    if (done.length > 0) done.push(condition.madeAt(' ', start));
    done.push(condition.madeAt(`${list.text} `, start));
    copied = end;
    start = text.indexOf(list.name, resume);
  }
  if (count === 0) return { text: condition, count };
  done.push(condition.slice(copied));
  return { text: done.join(), count };
}

function standsAlone(text: string, start: number, end: number): boolean {
  const before = start === 0 || DELIMITERS.includes(text.charAt(start - 1));
  return before && (end >= text.length || DELIMITERS.includes(text.charAt(end)));
}

/** Text under construction whose end can be taken back. */
class Tail {
  private readonly parts: SourceText[] = [];
  length = 0;

  push(part: SourceText): void {
    if (part.text === '') return;
    this.parts.push(part);
    this.length += part.text.length;
  }

  dropBlanks(): void {
    while (BLANKS.includes(this.lastChar() ?? 'x')) this.dropLast();
  }

  dropComma(): boolean {
    if (this.lastChar() !== ',') return false;
    this.dropLast();
    return true;
  }

  join(): SourceText {
    return SourceText.join(this.parts);
  }

  private lastChar(): string | undefined {
    return this.parts.at(-1)?.text.at(-1);
  }

  private dropLast(): void {
    const last = this.parts.pop();
    if (last === undefined) return;
    this.length -= last.text.length;
    this.push(last.slice(0, last.text.length - 1));
  }
}
