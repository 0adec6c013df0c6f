/** One measured figure, with what was promised for it. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  /** The promise in words, e.g. "at most 1.3 E"; absent where nothing was promised. */
  readonly promised?: string;
  readonly kept?: boolean;
}

/** Figures as aligned lines: name, value, promise, and whether it was kept in this run. */
export function printFigures(figures: readonly Figure[]): void {
  const nameWidth = Math.max(...figures.map((f) => f.name.length));
  const valueWidth = Math.max(...figures.map((f) => f.value.length));
  for (const { name, value, promised, kept } of figures) {
    const promise = promised === undefined ? '' : `${promised}: ${kept ? 'kept' : 'NOT KEPT'}`;
    console.log(`${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${promise}`.trimEnd());
  }
}
