import { bytesToText, textToBytes } from '../events/bytestring.ts';
import { catalogue } from '../fields/catalogue.ts';
import type { MatchContext } from '../fields/context.ts';
import { AtalayaError } from '../lib/errors.ts';
import { compileFilter } from '../rules/filter.ts';

export type EventFilter = (context: MatchContext) => boolean;

/** A condition that chooses among events: no macros, no lists. Without one, all. Throws E_FILTER with all its faults. */
export function createEventFilter(text: string | undefined): EventFilter {
  if (text === undefined) return () => true;
  const filter = compileFilter(text, catalogue);
  if (filter.ok) return (context) => filter.test(context);
  const bytes = textToBytes(text);
  const faults = filter.errors.map(({ message, at, expected, nearest }) => {
    const column = [...bytesToText(bytes.slice(0, at))].length + 1;
    const hints = [
      ...(expected ? [`; expected ${expected}`] : []),
      ...(nearest ? [`; did you mean '${nearest}'?`] : []),
    ];
    return `at character ${column} of the filter: ${bytesToText(message)}${hints.join('')}`;
  });
  throw new AtalayaError('E_FILTER', faults.join('\n'));
}
