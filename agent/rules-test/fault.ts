import type { Place } from '../rules/diagnostics.ts';
import { placeOf, type Span } from '../rules/source-text.ts';

/** What is wrong with a test document: never a failed expectation. */
export interface TestFault extends Place {
  readonly message: string;
  readonly found?: string;
  readonly expected?: string;
  readonly nearest?: string;
}

export type FaultDetail = Omit<TestFault, 'file' | 'line' | 'column'>;

/** Thrown while a document is read, caught where the document ends. */
export class DocumentFault extends Error {
  readonly fault: TestFault;

  constructor(detail: FaultDetail, span: Span) {
    super(detail.message);
    this.fault = { ...detail, ...placeOf(span) };
  }
}

export function refuse(message: string, span: Span, more: Omit<FaultDetail, 'message'> = {}): never {
  throw new DocumentFault({ message, ...more }, span);
}

/** One line for people: place, message, what was expected, the nearest known name. */
export function formatFault(fault: TestFault): string {
  const found = fault.found === undefined ? '' : `; found ${fault.found}`;
  const expected = fault.expected === undefined ? '' : `; expected ${fault.expected}`;
  const nearest = fault.nearest === undefined ? '' : `; did you mean '${fault.nearest}'?`;
  return `${fault.file}:${fault.line}:${fault.column}: error: ${fault.message}${found}${expected}${nearest}`;
}
