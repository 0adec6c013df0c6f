/** One measured figure, with what was promised for it. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  /** The promise in words, e.g. "at most 1.3 E"; absent where nothing was promised. */
  readonly promised?: string;
  readonly kept?: boolean;
  /** More to know, on a line of its own. */
  readonly note?: string;
}

/** Figures as aligned lines: name, value, promise, and whether it was kept in this run. */
export function printFigures(figures: readonly Figure[]): void {
  const nameWidth = Math.max(...figures.map((f) => f.name.length));
  const valueWidth = Math.max(...figures.map((f) => f.value.length));
  for (const { name, value, promised, kept, note } of figures) {
    const promise = promised === undefined ? '' : `${promised}: ${kept ? 'kept' : 'NOT KEPT'}`;
    console.log(`  ${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}  ${promise}`.trimEnd());
    if (note !== undefined) console.log(`  ${' '.repeat(nameWidth)}  ${note}`);
  }
}

/** A figure that must not be above a limit. */
export function atMost(name: string, value: number, limit: number, unit: string): Figure {
  return { name, value: `${value.toFixed(2)} ${unit}`, promised: `at most ${limit} ${unit}`, kept: value <= limit };
}

/** A figure that must not be below a limit. */
export function atLeast(name: string, value: number, limit: number, unit: string): Figure {
  return { name, value: `${value.toFixed(2)} ${unit}`, promised: `at least ${limit} ${unit}`, kept: value >= limit };
}
