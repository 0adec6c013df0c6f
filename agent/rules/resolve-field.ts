import type { ByteString } from '../events/bytestring.ts';
import type { FieldArgument, FieldCatalogue, FieldDef } from '../fields/field.ts';
import { nearestName } from './nearest.ts';
import { shownValue } from './strings.ts';

export interface FieldFault {
  readonly message: string;
  /** The field itself is unknown: a rule may ask to be skipped for that. */
  readonly unknownField: boolean;
  readonly expected?: string;
}

export type FieldResolution<C> =
  | {
      readonly ok: true;
      readonly def: FieldDef<C>;
      readonly argument: string | number | undefined;
      readonly type: string;
    }
  | { readonly ok: false; readonly fault: FieldFault };

/** Finds the field that a name with an optional argument means. */
export function resolveField<C>(
  catalogue: FieldCatalogue<C>,
  name: string,
  argument: ByteString | undefined,
): FieldResolution<C> {
  const def = catalogue.find(name);
  if (def !== undefined) return argument === undefined ? withoutArgument(def) : withArgument(def, argument);
  const dotted = argument === undefined ? findDotted(catalogue, name) : undefined;
  if (dotted !== undefined) return withDotted(dotted.def, dotted.key);
  const text = argument === undefined ? name : `${name}[${argument}]`;
  return refuse(`there is no field ${shownValue(text)}`, true);
}

/** What may have been meant by a name that means no field. */
export function nearestField<C>(catalogue: FieldCatalogue<C>, name: string): string | undefined {
  if (catalogue.find(name) !== undefined) return undefined;
  const dotted = findDotted(catalogue, name);
  const keys = dotted?.def.argument?.keys?.keys();
  if (dotted === undefined || keys === undefined)
    return nearestName(
      name,
      catalogue.all().map((field) => field.name),
    );
  const nearest = nearestName(dotted.key, keys);
  return nearest === undefined ? undefined : `${dotted.def.name}.${nearest}`;
}

/** Finds the field that a text such as `proc.aname[2]` means; the argument is taken as it stands. */
export function resolveFieldText<C>(catalogue: FieldCatalogue<C>, text: ByteString): FieldResolution<C> {
  const parts = /^([^[]*)(?:\[([^\]]*)\])?$/.exec(text);
  return resolveField(catalogue, parts?.[1] ?? text, parts?.[2]);
}

function withoutArgument<C>(def: FieldDef<C>): FieldResolution<C> {
  if (def.argument?.required !== true) return { ok: true, def, argument: undefined, type: def.type };
  if (isEngineField(def)) return refuse(`'${def.name}' needs an argument`, false, expectedArgument(def));
  return refuse(`'${def.name}' needs an argument`, false, expectedArgument(def));
}

function withArgument<C>(def: FieldDef<C>, text: ByteString): FieldResolution<C> {
  const { argument } = def;
  const engine = isEngineField(def);
  const nonexistent = `there is no field ${shownValue(`${def.name}[${text}]`)}`;
  if (argument === undefined) {
    if (engine) return refuse(nonexistent, true, `${def.name} without an argument`);
    return refuse(`'${def.name}' takes no argument`, false, `${def.name} without an argument`);
  }
  if (argument.dotted === true && argument.kind === 'key') {
    return refuse(`'${def.name}' takes its argument behind a dot`, false, `${def.name}.NAME`);
  }
  const index = argument.kind === 'key' ? undefined : parseIndex(text);
  if (index !== undefined) return found(def, index < 0 ? undefined : index);
  if (argument.kind === 'index' || argument.dotted === true) {
    const expected = `${def.name}[N] with a number`;
    if (engine && argument.dotted !== true) return refuse(nonexistent, true, expected);
    return refuse(`${shownValue(text)} is no position`, false, expected);
  }
  if (argument.pattern?.test(text) === false) return refuse(`${shownValue(text)} is no number`, false);
  return found(def, text);
}

function withDotted<C>(def: FieldDef<C>, key: string): FieldResolution<C> {
  const { keys, pattern } = def.argument ?? {};
  // Upstream takes the longest parameter that the name begins with; what is then left over belongs to no field.
  const leftOver =
    keys === undefined ? pattern?.test(key) === false : !keys.has(key) && beginsWithAny(key, keys.keys());
  if (leftOver) return refuse(`there is no field ${shownValue(`${def.name}.${key}`)}`, true);
  if (keys === undefined || keys.has(key)) return found(def, key, keys?.get(key));
  return refuse(`no event has a parameter ${shownValue(key)}`, false);
}

function beginsWithAny(text: string, beginnings: Iterable<string>): boolean {
  for (const beginning of beginnings) if (text.startsWith(beginning)) return true;
  return false;
}

function findDotted<C>(
  catalogue: FieldCatalogue<C>,
  name: string,
): { readonly def: FieldDef<C>; readonly key: string } | undefined {
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const def = catalogue.find(name.slice(0, dot));
    if (def === undefined) continue;
    return takesDotted(def.argument) ? { def, key: name.slice(dot + 1) } : undefined;
  }
  return undefined;
}

function expectedArgument<C>({ name, argument }: FieldDef<C>): string {
  if (argument?.kind === 'index') return `${name}[N] with a number`;
  return argument?.dotted === true ? `${name}.NAME` : `${name}[NAME]`;
}

function takesDotted(argument: FieldArgument | undefined): boolean {
  return argument?.dotted === true;
}

function parseIndex(text: string): number | undefined {
  return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** A field whose type is that of its argument takes it from there. */
function found<C>(def: FieldDef<C>, argument: string | number | undefined, keyType?: string): FieldResolution<C> {
  const type = def.type === 'DYN' ? (keyType ?? 'CHARBUF') : def.type;
  return { ok: true, def, argument, type };
}

/** Fields of the engine itself word their faults in another way than those of upstream's container plugin. */
function isEngineField(def: { readonly name: string }): boolean {
  return !def.name.startsWith('container.') && !def.name.startsWith('k8s.');
}

function refuse(
  message: string,
  unknownField: boolean,
  expected?: string,
): { readonly ok: false; readonly fault: FieldFault } {
  return { ok: false, fault: { message, unknownField, ...(expected === undefined ? {} : { expected }) } };
}
