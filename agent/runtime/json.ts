/** Looks into JSON that somebody else wrote: whatever is not of the expected shape is empty. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parseObject(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The object at a path of names. */
export function objectAt(value: unknown, ...path: readonly string[]): Json {
  let at: unknown = value;
  for (const name of path) at = isObject(at) ? at[name] : undefined;
  return isObject(at) ? at : {};
}

export function textAt(value: Json, name: string): string {
  const found = value[name];
  return typeof found === 'string' ? found : '';
}

export function objectsAt(value: Json, name: string): readonly Json[] {
  const found = value[name];
  return Array.isArray(found) ? found.filter(isObject) : [];
}

export function textsAt(value: Json, name: string): readonly string[] {
  const found = value[name];
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}

/** The members that are texts. */
export function textsOf(value: Json): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
