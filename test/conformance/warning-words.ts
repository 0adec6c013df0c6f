import { shownText } from '../../agent/rules/strings.ts';

/** Upstream's words for a suspicious constant, with the constant. */
const UPSTREAM: readonly (readonly [RegExp, (value: string) => string])[] = [
  [
    /^'(.*)' may be a valid field misused as a const string value$/s,
    (value) => {
      const field = value.replace(/[ \t\n\v\f\r]+/g, '');
      return `${shownText(value)} is compared as a text, and there is a field of this name: val(${field}) is its value`;
    },
  ],
  [
    /^'(.*)' may be a valid field transformer misused as a const string value$/s,
    (value) =>
      `${shownText(value)} is compared as a text, and looks like a transformer: leave the quotes out to apply it`,
  ],
  [
    /^regex check with '(.*)' may be optimized with simpler operators such as .*$/s,
    (value) => `the regex ${shownText(value)} is a plain text: =, contains, startswith or endswith is faster`,
  ],
];

/** What we say where upstream says this: cases hold upstream's texts. */
export function inOurWords(text: string): string {
  for (const [pattern, words] of UPSTREAM) {
    const value = pattern.exec(text)?.[1];
    if (value !== undefined) return words(value);
  }
  return text;
}
