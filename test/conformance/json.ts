/**
 * JSON whose whole numbers are exact: those that a number cannot hold become bigints. (Comparisons of 64-bit values would
 * otherwise be made with something else than what the case says.)
 */
export function parseExactJson(text: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${MARK}${token}"` : token;
  });
  return JSON.parse(marked, (_key, value: unknown) => {
    return typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value;
  });
}

/** A text that no case begins with: U+FDD0 is no character. */
const MARK = '\ufdd0';
