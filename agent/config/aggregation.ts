import { catalogue } from '../fields/catalogue.ts';
import { AtalayaError } from '../lib/errors.ts';
import { wildcard } from '../lib/wildcard.ts';
import type { AggregationOptions, Grouping } from '../outputs/aggregator.ts';
import type { Config } from './config.gen.ts';

/** What a configuration's section means for the spool. Throws E_CONFIG when a key names no field. */
export function aggregationOf(config: Config['aggregation']): AggregationOptions {
  const common = groupingOf('aggregation.key', config.window_seconds, config.key);
  const special = config.rules.map(
    ({ rule = '*', window_seconds = config.window_seconds, key = config.key }, index) => ({
      fits: wildcard(rule),
      grouping: groupingOf(`aggregation.rules.${index}.key`, window_seconds, key),
    }),
  );
  const known = new Map<string, Grouping | undefined>();
  return {
    samples: config.samples,
    groupingOf: (rule) => {
      if (special.length === 0) return common;
      if (!known.has(rule)) known.set(rule, (special.find(({ fits }) => fits(rule)) ?? { grouping: common }).grouping);
      return known.get(rule);
    },
  };
}

/** Undefined where the window is 0. */
function groupingOf(path: string, seconds: number, key: readonly string[]): Grouping | undefined {
  for (const field of key) {
    const [name = ''] = field.split('[');
    if (catalogue.find(name) !== undefined || name.startsWith('evt.arg.')) continue;
    throw new AtalayaError('E_CONFIG', `${path} names '${field}'; expected a field of \`atalaya fields\``);
  }
  return seconds === 0 ? undefined : { windowMs: seconds * 1000, key };
}
