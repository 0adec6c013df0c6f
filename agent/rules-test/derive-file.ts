import { parametersOf } from '../decode/parameters/table.ts';
import { FD_TYPES } from '../events/event.ts';
import type { EventKind } from '../events/kinds.ts';
import type { GivenFacts } from './given-facts.ts';

const ONE_PATH: readonly EventKind[] = ['open', 'unlink', 'mkdir', 'chmod', 'chown'];
/** Parameters of calls on one path that hold it. */
const PATH_PARAMETERS = ['name', 'path', 'filename', 'pathname'];
/** By kind: which parameter fs.path.source and fs.path.target are. */
const TWO_PATHS: Partial<Record<EventKind, readonly [source: string, target: string]>> = {
  rename: ['oldpath', 'newpath'],
  link: ['newpath', 'oldpath'],
  symlink: ['linkpath', 'target'],
  mount: ['dev', 'dir'],
};

/** fs.path.*, evt.arg's paths and fd.* of a file from each other. */
export function deriveFile(facts: GivenFacts): void {
  if (ONE_PATH.includes(facts.kind)) deriveOnePath(facts);
  const two = TWO_PATHS[facts.kind];
  if (two !== undefined)
    for (const [place, end] of ['source', 'target'].entries()) derivePath(facts, end, [two[place] ?? '']);
  deriveDescriptor(facts);
}

/** An open is about a file that becomes a descriptor, and names it also where it fails; other calls are about a path only. */
function deriveOnePath(facts: GivenFacts): void {
  if (facts.kind !== 'open') return derivePath(facts, 'name', PATH_PARAMETERS);
  facts.add('evt.arg', facts.text('fd.name'), 'name');
  if (facts.get('evt.failed') === false) {
    facts.add('fs.path.nameraw', facts.text('fd.nameraw'));
    facts.add('fd.type', 'file');
  }
  derivePath(facts, 'name', PATH_PARAMETERS);
  facts.add('fd.name', facts.text('evt.arg', 'name'));
  facts.add('fd.nameraw', facts.text('fs.path.nameraw') ?? facts.text('fd.name'));
}

/** `fs.path.X`, `fs.path.Xraw` and the parameter; a failed call has the parameter only. */
function derivePath(facts: GivenFacts, end: string, parameters: readonly string[]): void {
  const path = facts.text(`fs.path.${end}`);
  for (const name of parameters) if (hasParameter(facts, name)) facts.add('evt.arg', path, name);
  const passed = parameters.map((name) => facts.text('evt.arg', name)).find((text) => text !== undefined);
  if (facts.get('evt.failed') !== false) return;
  facts.add(`fs.path.${end}`, passed);
  facts.add(`fs.path.${end}raw`, facts.text(`fs.path.${end}`));
}

function hasParameter(facts: GivenFacts, name: string): boolean {
  return parametersOf(facts.type).byName.has(name);
}

function deriveDescriptor(facts: GivenFacts): void {
  const type = facts.text('fd.type');
  const name = facts.text('fd.name');
  if (type !== undefined) facts.add('fd.typechar', (FD_TYPES as Readonly<Record<string, string>>)[type]);
  if (name === undefined || (type !== 'file' && type !== 'directory')) return;
  const slash = name.lastIndexOf('/');
  facts.add('fd.filename', name.slice(slash + 1));
  facts.add('fd.directory', type === 'directory' ? name : slash <= 0 ? '/' : name.slice(0, slash));
  facts.add('fd.nameraw', name);
  facts.add('fd.is_upper_layer', false);
  facts.add('fd.is_lower_layer', false);
}
