import type { OutputExtension } from '../../agent/rules/extend-output.ts';
import { BadCase, isRecord, onlyKeys } from './outcome.ts';

/** An entry of `append_output` as cases write it: a text, or a mapping as in Falco's configuration. */
export function toExtension(entry: unknown): OutputExtension {
  if (typeof entry === 'string') return { extraOutput: entry };
  if (!isRecord(entry)) throw new BadCase('an entry of append_output is neither a text nor a mapping');
  onlyKeys(entry, ['match', 'extra_output', 'extra_fields', 'suggested_output'], 'append_output');
  const match = isRecord(entry.match) ? entry.match : {};
  onlyKeys(match, ['source', 'rule', 'tags'], 'match');
  return {
    match: {
      ...(typeof match.source === 'string' ? { source: match.source } : {}),
      ...(typeof match.rule === 'string' ? { rule: match.rule } : {}),
      ...(Array.isArray(match.tags) ? { tags: match.tags.map(String) } : {}),
    },
    ...(typeof entry.extra_output === 'string' ? { extraOutput: entry.extra_output } : {}),
    ...(typeof entry.suggested_output === 'boolean' ? { suggestedOutput: entry.suggested_output } : {}),
    ...(Array.isArray(entry.extra_fields) ? { extraFields: entry.extra_fields.flatMap(toExtraFields) } : {}),
  };
}

function toExtraFields(entry: unknown): readonly (string | { readonly key: string; readonly format: string })[] {
  if (typeof entry === 'string') return [entry];
  if (!isRecord(entry)) throw new BadCase('an entry of extra_fields is neither a text nor a mapping');
  return Object.entries(entry).map(([key, format]) => ({ key, format: String(format) }));
}
