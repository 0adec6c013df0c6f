/** Names further away than this fraction of their length are no help. */
const MAX_FRACTION = 0.4;
/** Comparing is quadratic in the length; nobody misspells a name this long. */
const MAX_LENGTH = 64;

/** The known name with the fewest edits (insert, delete, replace, swap of neighbours), if one is near enough. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length * MAX_FRACTION)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name, candidate, bestDistance);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Names that are compared for all hints of one kind together. */
const COMPARED_MAX = 1_000_000;

/** Hints among names of the user's own, of which there may be many, for faults of which there may be many. */
export class NearestNames {
  private compared = 0;

  /** As nearestName, but nothing once too many names were compared. */
  nearest(name: string, known: Iterable<string>): string | undefined {
    if (this.compared >= COMPARED_MAX) return undefined;
    const names = [...known];
    this.compared += names.length;
    return nearestName(name, names);
  }
}

/** Damerau-Levenshtein distance (optimal string alignment); gives up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, at(beforeLast, j - 2) + 1);
      }
      row.push(distance);
      smallest = Math.min(smallest, distance);
    }
    if (smallest >= limit) return limit;
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
