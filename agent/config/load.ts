import { LineCounter } from 'yaml';
import { nearestName } from '../rules/nearest.ts';
import { parsePriority } from '../rules/priorities.ts';
import { composeYaml } from '../rules/yaml-text.ts';
import { type Config, KEYS } from './config.gen.ts';
import { readEnvironment } from './environment.ts';
import { fileLayer, type Layer, listLayer, mergeLayers, type Path } from './origin.ts';
import type { Problem } from './problem.ts';
import { validate } from './validate.gen.ts';

/** A value that a flag of the command line gave. */
export interface FlagValue {
  readonly path: readonly string[];
  readonly value: unknown;
  /** As it is written: `--http`. */
  readonly flag: string;
}

export interface ConfigSources {
  readonly file?: { readonly path: string; readonly text: string };
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly flags?: readonly FlagValue[];
}

export type ConfigResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly Problem[];
      /** Where the value of a key comes from; undefined: it is the default. */
      place(path: Path): string | undefined;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Puts the configuration together from file, environment and flags, and checks it. Gives all problems at once. */
export function loadConfig({ file, env = {}, flags = [] }: ConfigSources): ConfigResult {
  const parsed = file === undefined ? { ok: true as const, layers: [] } : parseFile(file.path, file.text);
  if (!parsed.ok) return parsed;
  const environment = readEnvironment(env);
  const flagged = listLayer(flags.map(({ path, value, flag }) => ({ path, value, place: `the flag ${flag}` })));
  const layers = [...parsed.layers, environment.layer, flagged];
  const place = (path: Path): string | undefined =>
    layers.reduce<string | undefined>((found, layer) => layer.place(path) ?? found, undefined);
  const config = mergeLayers(layers);
  spellPriority(config);
  const problems = [...environment.problems, ...problemsOf(config, (path) => placeOf(layers, path))];
  if (problems.length > 0) return { ok: false, problems };
  // The validator has checked it against the schema that Config is made from, and filled in the defaults.
  return { ok: true, config: config as unknown as Config, warnings: environment.warnings, place };
}

/** A priority may stand in any letter case, as it may in rules and flags. */
function spellPriority({ rules }: Record<string, unknown>): void {
  if (typeof rules !== 'object' || rules === null || !('priority' in rules)) return;
  const { priority } = rules;
  const known = typeof priority === 'string' ? parsePriority(priority) : undefined;
  if (known !== undefined) rules.priority = known;
}

type ParsedFile =
  | { readonly ok: true; readonly layers: readonly Layer[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

function parseFile(path: string, text: string): ParsedFile {
  const lines = new LineCounter();
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  lines.lineStarts.unshift(0);
  const refused = (at: number, message: string): ParsedFile => {
    const { line, col } = lines.linePos(at);
    return { ok: false, problems: [{ place: `${path}:${line}:${col}`, message }] };
  };
  const composed = composeYaml(text, 'core');
  if (!composed.ok) return refused(composed.faults[0]?.at ?? 0, composed.faults[0]?.message ?? 'not YAML');
  const [document, second] = composed.documents;
  if (second !== undefined) return refused(second.range[0], 'a second document; expected one');
  if (document === undefined) return { ok: true, layers: [] };
  try {
    const values: unknown = document.toJS();
    if (values !== null && (typeof values !== 'object' || Array.isArray(values))) {
      return refused(document.contents?.range?.[0] ?? 0, 'expected a mapping of keys');
    }
  } catch (error) {
    // An alias that names nothing, or too many of them.
    return refused(0, `not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { ok: true, layers: [fileLayer(path, document, lines)] };
}

/** The last layer that has the path counts; of a section that is only there by default, the nearest place above it. */
function placeOf(layers: readonly Layer[], path: Path): string {
  for (let length = path.length; length >= 0; length--) {
    for (const layer of [...layers].reverse()) {
      const place = layer.place(path.slice(0, length));
      if (place !== undefined) return place;
    }
  }
  return 'the configuration';
}

/** One finding of the generated validator. */
interface Finding {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

function problemsOf(config: Record<string, unknown>, place: (path: Path) => string): Problem[] {
  if (validate(config)) return [];
  const findings = (validate as unknown as { readonly errors: readonly Finding[] }).errors;
  return findings.map((finding) => {
    const path = pathOf(finding.instancePath);
    if (finding.keyword === 'additionalProperties') {
      const key = String(finding.params['additionalProperty']);
      return { place: place([...path, key]), message: unknownKey(path, key) };
    }
    return { place: place(path), message: wrongValue(config, path, finding) };
  });
}

function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function unknownKey(path: Path, key: string): string {
  const known = namesBelow(sectionOf(path));
  const near = nearestName(key, known) ?? nearestAnywhere(key);
  const where = path.length === 0 ? '' : ` in ${path.join('.')}`;
  return `unknown key '${key}'${where}${near === undefined ? `; expected one of ${known.join(', ')}` : `; did you mean '${near}'?`}`;
}

function sectionOf(path: Path): string {
  return path.filter((part) => typeof part === 'string').join('.');
}

function namesBelow(section: string): string[] {
  if (section === 'rules.select') return ['enable', 'disable'];
  if (section.startsWith('rules.select.')) return ['rule', 'tag'];
  if (section === 'aggregation.rules') return ['rule', 'window_seconds', 'key'];
  const depth = section === '' ? 0 : section.split('.').length;
  const below = KEYS.filter(({ path }) => depth === 0 || path.slice(0, depth).join('.') === section);
  return [...new Set(below.flatMap(({ path }) => path[depth] ?? []))];
}

/** The key may have been put in the wrong section. */
function nearestAnywhere(key: string): string | undefined {
  return KEYS.find(({ path }) => path.at(-1) === key)?.path.join('.');
}

function wrongValue(config: unknown, path: Path, { keyword, params, message }: Finding): string {
  const key = KEYS.find((known) => known.path.every((part, index) => path[index] === part));
  const name = path.length === 0 ? 'the configuration' : path.join('.');
  if (keyword === 'minProperties' || keyword === 'maxProperties') {
    return `${name} needs ${keyword === 'maxProperties' ? 'only one' : 'one'} of ${namesBelow(sectionOf(path)).join(', ')}`;
  }
  if (key === undefined) {
    const expected =
      keyword === 'type' ? `must be ${params['type'] === 'object' ? 'a mapping' : params['type']}` : message;
    return `${name} ${expected ?? 'is wrong'}`;
  }
  const found = path.reduce<unknown>((value, part) => (value as Record<string | number, unknown>)?.[part], config);
  return `${name} is ${shown(found)}; expected ${key.expected}`;
}

/** A value as messages show it, and not too much of it. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
