import { structureFault } from './decode.ts';
import { nearestName } from './nearest.ts';
import { shownText } from './strings.ts';
import { valueOf, type YamlMapping } from './yaml-node.ts';

/** Which keys of a kind of item an override may append to or replace. */
export interface Overridable {
  readonly append: readonly string[];
  readonly replace: readonly string[];
}

export const LIST_OVERRIDES: Overridable = { append: ['items'], replace: ['items'] };
export const MACRO_OVERRIDES: Overridable = { append: ['condition'], replace: ['condition'] };
/** In the order in which the parts are worked on. */
export const RULE_OVERRIDES: Overridable = {
  append: ['condition', 'exceptions', 'output', 'desc', 'tags'],
  replace: [
    'condition',
    'exceptions',
    'output',
    'desc',
    'tags',
    'priority',
    'capture',
    'capture_duration',
    'enabled',
    'warn_evttypes',
    'skip-if-unknown-filter',
  ],
};

export interface Overrides {
  readonly append: ReadonlySet<string>;
  readonly replace: ReadonlySet<string>;
}

/** Reads `override: {key: append|replace}`. */
export function readOverrides(item: YamlMapping, allowed: Overridable): Overrides {
  const append = new Set<string>();
  const replace = new Set<string>();
  const node = valueOf(item, 'override');
  for (const pair of node?.kind === 'mapping' ? node.pairs : []) {
    const { key, value } = pair;
    const operation = value.kind === 'scalar' ? value.text : '';
    if (operation === 'append') {
      if (!allowed.append.includes(key)) {
        structureFault(`nothing can be appended to ${shownText(key)}`, pair.keySpan, near(key, allowed.append));
      }
      append.add(key);
    } else if (operation === 'replace') {
      if (!allowed.replace.includes(key)) {
        structureFault(`${shownText(key)} cannot be replaced`, pair.keySpan, near(key, allowed.replace));
      }
      replace.add(key);
    } else {
      const words = (['append', 'replace'] as const).filter((word) => allowed[word].includes(key));
      const expected = words.length === 0 ? `a key of ${allowed.replace.join(', ')}` : words.join(' or ');
      const found = value.kind === 'scalar' && !value.isNull ? shownText(operation) : 'no word';
      structureFault(`'override' does not know what to do with ${shownText(key)}`, value.span, { found, expected });
    }
  }
  return { append, replace };
}

function near(key: string, allowed: readonly string[]): { readonly nearest?: string } {
  const nearest = nearestName(key, allowed);
  return nearest === undefined || nearest === key ? {} : { nearest };
}
