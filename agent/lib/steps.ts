/** Work that may rest at each `yield`. */
export type Steps<T> = Generator<undefined, T, void>;

/** Does it without a rest. */
export function finish<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}
