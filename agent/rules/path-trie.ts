import type { ByteString } from '../events/bytestring.ts';
import { compileGlob, type Matcher } from './glob.ts';

/**
 * Paths by their components, for `pmatch`: a value matches when the components of some path are a prefix of its own,
 * each equal or, where it holds `?`, `*` or `[`, matched as a shell pattern inside that one component. Empty
 * components do not count, so leading, trailing and double slashes change nothing, and `/` matches everything.
 */
export class PathTrie {
  private readonly root: Node = createNode();

  constructor(paths: Iterable<ByteString>) {
    for (const path of paths) this.add(path);
  }

  matches(value: ByteString): boolean {
    return matchFrom(this.root, value, 0);
  }

  private add(path: ByteString): void {
    let node = this.root;
    for (const component of path.split('/')) {
      if (component !== '') node = child(node, component);
    }
    node.ends = true;
  }
}

interface Node {
  ends: boolean;
  readonly exact: Map<ByteString, Node>;
  readonly globs: Map<ByteString, { readonly match: Matcher; readonly node: Node }>;
}

function createNode(): Node {
  return { ends: false, exact: new Map(), globs: new Map() };
}

function child(node: Node, component: ByteString): Node {
  if (/[?*[]/.test(component)) {
    const known = node.globs.get(component);
    if (known !== undefined) return known.node;
    const added = createNode();
    node.globs.set(component, { match: compileGlob(component), node: added });
    return added;
  }
  const known = node.exact.get(component);
  if (known !== undefined) return known;
  const added = createNode();
  node.exact.set(component, added);
  return added;
}

function matchFrom(node: Node, value: ByteString, at: number): boolean {
  let current = node;
  let position = at;
  for (;;) {
    if (current.ends) return true;
    while (value.charCodeAt(position) === 0x2f) position++;
    if (position >= value.length) return false;
    let end = value.indexOf('/', position);
    if (end < 0) end = value.length;
    const component = value.slice(position, end);
    for (const glob of current.globs.values()) {
      if (glob.match(component) && matchFrom(glob.node, value, end)) return true;
    }
    const next = current.exact.get(component);
    if (next === undefined) return false;
    current = next;
    position = end;
  }
}
