import { type Document, isMap, isScalar, isSeq, type LineCounter } from 'yaml';

/** A step of a path into a configuration: a key, or an index in a list. */
export type Path = readonly (string | number)[];

/** One source of values. Later sources count more than earlier ones. */
export interface Layer {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where the value at this path stands; undefined when this layer has none there. */
  place(path: Path): string | undefined;
}

/** A YAML file that was read without errors. */
export function fileLayer(path: string, document: Document.Parsed, lines: LineCounter): Layer {
  const at = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${path}:${line}:${col}`;
  };
  return {
    values: (document.toJS() ?? {}) as Record<string, unknown>,
    place: (target) => {
      if (target.length === 0) return at(rangeStart(document.contents));
      const node = keyNode(document, target);
      return node === undefined ? undefined : at(rangeStart(node));
    },
  };
}

/** The key at the end of a path, or the item of a list; undefined when there is none. */
function keyNode(document: Document.Parsed, path: Path): unknown {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isSeq(parent)) return parent.items[Number(last)];
  if (!isMap(parent)) return undefined;
  return parent.items.find(({ key }) => (isScalar(key) ? String(key.value) : undefined) === String(last))?.key;
}

function rangeStart(node: unknown): number | undefined {
  const { range } = (node ?? {}) as { range?: readonly number[] };
  return range?.[0];
}

/** Values that were given one by one, each with where it came from. */
export function listLayer(
  entries: readonly { readonly path: readonly string[]; value: unknown; place: string }[],
): Layer {
  const values: Record<string, unknown> = {};
  const places = new Map<string, string>();
  for (const { path, value, place } of entries) {
    setIn(values, path, value);
    places.set(path.join('.'), place);
  }
  return {
    values,
    place: (target) => {
      for (let length = target.length; length > 0; length--) {
        const place = places.get(target.slice(0, length).join('.'));
        if (place !== undefined) return place;
      }
      return undefined;
    },
  };
}

function setIn(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    values[first] = value;
    return;
  }
  const inner = (values[first] ?? {}) as Record<string, unknown>;
  values[first] = inner;
  setIn(inner, rest, value);
}

/** Sections of all layers in one; a list or value of a later layer replaces that of an earlier one. */
export function mergeLayers(layers: readonly Layer[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const { values } of layers) mergeInto(merged, values);
  return merged;
}

const OPEN = { enumerable: true, writable: true, configurable: true };

function mergeInto(target: Record<string, unknown>, values: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(values)) {
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isSection(value) && isSection(present)) mergeInto(present, value);
    // Not by assignment: a key `__proto__` would change all objects.
    else Object.defineProperty(target, key, { ...OPEN, value: structuredClone(value) });
  }
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
