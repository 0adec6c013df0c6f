/** How one thing stands. `limited`: the agent runs, but sees or promises less. */
export type CheckState = 'ok' | 'limited' | 'missing';

/** One thing that was looked at or tried. */
export interface Check {
  readonly name: string;
  readonly state: CheckState;
  /** What was found. */
  readonly found: string;
  /** What follows from it, and what helps; only where not all is well. */
  readonly means?: string;
}
