import { dirname, resolve } from 'node:path';
import { catalogue } from '../fields/catalogue.ts';
import type { MatchContext } from '../fields/context.ts';
import { AtalayaError } from '../lib/errors.ts';
import { compileFilter } from '../rules/filter.ts';
import { readContexts } from './capture-contexts.ts';
import type { TestCase } from './document.ts';
import { refuse } from './fault.ts';

/** Shows the events of a test's capture, with their place among all of them. Paths count from the document's folder. */
export async function readCaptureEvents(
  document: string,
  { path, filter, span }: NonNullable<TestCase['capture']>,
  visit: (context: MatchContext, number: number) => void,
): Promise<void> {
  const wanted = filter === undefined ? undefined : compileFilter(filter, catalogue);
  if (wanted?.ok === false) {
    const [fault] = wanted.errors;
    const { message = 'wrong filter', nearest } = fault ?? {};
    return refuse(`the filter is wrong: ${message}`, span, nearest === undefined ? {} : { nearest });
  }
  try {
    await readContexts(resolve(dirname(document), path), (context) => {
      if (wanted?.ok !== true || wanted.test(context)) visit(context, context.eventNumber);
    });
  } catch (error) {
    if (error instanceof AtalayaError) refuse(error.message, span);
    throw error;
  }
}
