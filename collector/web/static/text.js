// Control, zero-width, bidirectional and other characters that are not seen, or make text look like other text.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Cuts text into parts to show: as it is, or (escaped: true) the code of a character that would not be seen.
 * @param {string} text
 * @returns {{text: string, escaped: boolean}[]}
 */
export function parts(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index), escaped: false });
    found.push({ text: codeOf(match[0]), escaped: true });
    from = match.index + match[0].length;
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from), escaped: false });
  return found;
}

const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e', '\0': '\\0' };

function codeOf(char) {
  return SHORT[char] ?? `\\u{${char.codePointAt(0).toString(16)}}`;
}

/**
 * Text of a field's value.
 * @param {unknown} value
 * @returns {string}
 */
export function valueText(value) {
  if (value === null) return '<NA>';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * The message of an output line: what stands behind its time, its priority and, where it begins with that, the name of
 * the rule; the page shows those beside it.
 * @param {{output: string, priority: string, rule: string}} alert
 * @returns {string}
 */
export function messageOf({ output, priority, rule }) {
  const mark = `: ${priority} `;
  const at = output.indexOf(mark);
  const message = at > 0 && !/\s/.test(output.slice(0, at)) ? output.slice(at + mark.length) : output;
  return message.startsWith(`${rule} `) ? message.slice(rule.length + 1) : message;
}
