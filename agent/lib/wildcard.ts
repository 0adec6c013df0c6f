/**
 * Whether a whole text fits a pattern: `*` is any run of characters, `?` any one. Takes time of at most the product of both
 * lengths, whatever the pattern.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  return (text) => {
    let at = 0;
    let next = 0;
    let star = -1;
    let resume = 0;
    while (at < text.length) {
      const wanted = pattern[next];
      if (wanted === '*') {
        star = next++;
        resume = at;
      } else if (wanted === '?' || wanted === text[at]) {
        next++;
        at++;
      } else if (star >= 0) {
        // The last star takes one character more.
        next = star + 1;
        at = ++resume;
      } else {
        return false;
      }
    }
    while (pattern[next] === '*') next++;
    return next === pattern.length;
  };
}
