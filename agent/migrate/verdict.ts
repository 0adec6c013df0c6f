import type { YamlNode } from '../rules/yaml-node.ts';

/** What becomes of a key of Falco's configuration. */
export const VERDICTS = {
  carried: 'carried over',
  same: 'always so here',
  elsewhere: 'has another place here',
  none: 'does not exist here',
  unused: 'not in use there',
  wrong: 'cannot be read',
  unknown: 'no key of Falco',
} as const;
export type VerdictKind = keyof typeof VERDICTS;

export interface Verdict {
  readonly kind: VerdictKind;
  /** Why, or what is there instead: part of a sentence without its full stop. */
  readonly text: string;
  /** Values for our configuration, by key. */
  readonly sets?: Readonly<Record<string, unknown>>;
}

/** Other values of the same file, for keys that only mean something together. */
export interface Siblings {
  text(key: string): string | undefined;
  /** As Falco would take it, with its default. */
  flag(key: string, fallback: boolean): boolean;
}

export type Judge = (node: YamlNode, siblings: Siblings) => Verdict;

export interface KeyRule {
  /** Path with dots; `*` stands for a name, `[]` for the entries of a list. */
  readonly key: string;
  /** The switch without which the key does nothing, and its default. */
  readonly gate?: { readonly key: string; readonly fallback: boolean };
  readonly judge: Judge;
}

export const same =
  (text: string): Judge =>
  () => ({ kind: 'same', text });

export const elsewhere =
  (text: string): Judge =>
  () => ({ kind: 'elsewhere', text });

export const none =
  (text: string): Judge =>
  () => ({ kind: 'none', text });

export const wrong = (found: string, expected: string): Verdict => ({
  kind: 'wrong',
  text: `found ${found}, expected ${expected}`,
});

/** A verdict by a switch; a value that is no boolean is wrong. */
export function bySwitch(on: Judge, off: Judge): Judge {
  return (node, siblings) => {
    const value = toBoolean(node);
    if (value === undefined) return wrong(describe(node), 'true or false');
    return (value ? on : off)(node, siblings);
  };
}

/** A key that only says how something is done that is always done one way here, unless it has another value. */
export function unless(value: string, usual: Judge, other: Judge): Judge {
  return (node, siblings) => (textOf(node) === value ? usual : other)(node, siblings);
}

export function textOf(node: YamlNode): string | undefined {
  return node.kind === 'scalar' && !node.isNull ? node.text : undefined;
}

const TRUE: ReadonlySet<string> = new Set(['y', 'yes', 'true', 'on']);
const FALSE: ReadonlySet<string> = new Set(['n', 'no', 'false', 'off']);

export function toBoolean(node: YamlNode): boolean | undefined {
  const text = textOf(node)?.toLowerCase() ?? '';
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}

/** What a node is, for messages. */
export function describe(node: YamlNode): string {
  if (node.kind === 'sequence') return 'a list';
  if (node.kind === 'mapping') return 'a mapping';
  return node.isNull ? 'nothing' : JSON.stringify(node.text);
}
