/** A fault, the file or files that have it, and every line that is said of it: errors first. */
export type Case = readonly [name: string, files: string | readonly string[], lines: readonly string[]];

/** A rule with more keys. */
export function ruleWith(more: string, condition = 'evt.type=open'): string {
  const item = `- rule: r\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n`;
  return more === '' ? item : `${item}${more.replace(/^/gm, '  ')}\n`;
}

export const withCondition = (condition: string): string => ruleWith('', condition);

export const withOutput = (output: string): string => ruleWith('').replace('output: o', `output: "${output}"`);

export const withExceptions = (exceptions: string): string =>
  ruleWith(`exceptions:\n${exceptions.replace(/^/gm, '  ')}`);

/** A rule, and an item behind it that changes it. */
export const changed = (item: string): string => ruleWith('') + item;
