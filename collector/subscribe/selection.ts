import type { Alert } from '../../agent/events/alert.ts';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { safeLine } from '../../agent/lib/safe-text.ts';
import { KIND_AMENDMENT } from '../../proto/head.ts';
import type { SelectionMessage } from '../../proto/messages.ts';
import { OWN_AGENT_ID } from '../ingest/own-run.ts';
import type { StoredRecord } from '../store/record.ts';

/** A condition in the rule language that is ready to be asked, or what is wrong with its text. Columns count from 1. */
export type CompiledFilter =
  | { readonly ok: true; test(alert: Alert): boolean }
  | { readonly ok: false; readonly errors: readonly { readonly message: string; readonly column: number }[] };

export type FilterCompiler = (text: string) => CompiledFilter;

export interface SelectionOptions {
  readonly selection: SelectionMessage | null | undefined;
  /** Gaps, heartbeats and states too. */
  readonly allKinds: boolean;
}

export type Selected = (record: StoredRecord) => boolean;

/**
 * What a subscriber wants, as a test; cheap ones (columns) come first. Amendments, gaps and heartbeats have no fields: of
 * the selection only the nodes hold for them, and for the collector's own alerts where all kinds are wanted. Throws E_FILTER when a filter does not compile.
 */
export function compileSelection(options: SelectionOptions, compile: FilterCompiler): Selected {
  const { nodes, rules, tags, priority, namespaces, filters } = options.selection ?? {};
  const ofNode = oneOf(nodes);
  const ofRule = oneOf(rules);
  const ofTag = oneOf(tags);
  const ofNamespace = oneOf(namespaces);
  const tests = (filters ?? []).map((text) => compileFilter(text, compile));
  return (record) => {
    const { columns } = record;
    if (!ofNode(columns.agentId) && !ofNode(columns.hostname)) return false;
    // Silence of a node is told to who wants to know what may be missing, whatever else it selects.
    if (options.allKinds && columns.agentId === OWN_AGENT_ID) return record.isReadable();
    if (!record.isAlert) return (options.allKinds || columns.kind === KIND_AMENDMENT) && record.isReadable();
    if (priority && columns.priority > priority) return false;
    if (!ofRule(columns.rule) || !ofNamespace(columns.namespace)) return false;
    if (tags?.length && !columns.tags.some(ofTag)) return false;
    if (tests.length === 0) return record.isReadable();
    const alert = record.alert();
    return alert !== undefined && tests.every((test) => test(alert));
  };
}

function oneOf(names: readonly string[] | null | undefined): (name: string) => boolean {
  if (!names?.length) return () => true;
  const set = new Set(names);
  return (name) => set.has(name);
}

function compileFilter(text: string, compile: FilterCompiler): (alert: Alert) => boolean {
  const compiled = compile(text);
  if (compiled.ok) return compiled.test;
  const errors = compiled.errors.map(({ column, message }) => `column ${column}: ${message}`).join('; ');
  throw new AtalayaError('E_FILTER', safeLine(`the filter '${text}' is wrong: ${errors}`));
}
