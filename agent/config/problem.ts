/** Something wrong with a configuration: where it stands, what was found, what was expected. */
export interface Problem {
  /** `FILE:LINE:COLUMN`, `the environment variable NAME`, or `the flag --NAME`. */
  readonly place: string;
  readonly message: string;
}

export function formatProblem({ place, message }: Problem): string {
  return `${place}: ${message}`;
}
