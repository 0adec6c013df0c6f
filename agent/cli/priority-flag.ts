import { InvalidArgumentError } from 'commander';
import { PRIORITIES, type Priority } from '../events/alert.ts';

/** Reads the value of a flag, in any case of letters. */
export function readPriority(text: string): Priority {
  const found = PRIORITIES.find((priority) => priority.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${PRIORITIES.join(', ')}.`);
  return found;
}
