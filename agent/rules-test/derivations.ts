import type { EventKind } from '../events/kinds.ts';
import { deriveArguments } from './derive-arguments.ts';
import { deriveConnection } from './derive-connection.ts';
import { deriveContainer } from './derive-container.ts';
import { deriveFile } from './derive-file.ts';
import { deriveProcess } from './derive-process.ts';
import { deriveResult } from './derive-result.ts';
import type { GivenValues } from './given-event.ts';
import { GivenFacts } from './given-facts.ts';

/** In this order: later ones build on what earlier ones found. */
const DERIVATIONS: readonly ((facts: GivenFacts) => void)[] = [
  deriveResult,
  deriveArguments,
  deriveFile,
  deriveConnection,
  deriveProcess,
  deriveContainer,
];

/**
 * Adds the fields that follow from those that a test gives, so that a test says each thing once: a call has succeeded
 * unless it says otherwise, a process runs on the host, a path has a directory and a last part.
 */
export function derive(type: string, kind: EventKind, values: GivenValues): void {
  const facts = new GivenFacts(type, kind, values);
  for (const derivation of DERIVATIONS) derivation(facts);
}
