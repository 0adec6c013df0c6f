import { nearestName } from '../rules/nearest.ts';
import { KEYS, type Key } from './config.gen.ts';
import { type Layer, listLayer } from './origin.ts';
import type { Problem } from './problem.ts';

const PREFIX = 'ATALAYA_';
/** What Kubernetes sets in every container for a service whose name begins with atalaya. */
const OF_KUBERNETES = /_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

export interface EnvironmentResult {
  readonly layer: Layer;
  readonly problems: readonly Problem[];
  /** Variables that look like ours and are none. */
  readonly warnings: readonly Problem[];
}

/** Values from variables of the environment. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentResult {
  const entries: { path: readonly string[]; value: unknown; place: string }[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || text === undefined) continue;
    const place = `the environment variable ${name}`;
    const key = KEYS.find((known) => known.env === name);
    if (key === undefined) {
      if (!OF_KUBERNETES.test(name)) warnings.push({ place, message: `sets nothing${nearest(name)}` });
    } else if (key.kind === 'objects') {
      problems.push({ place, message: `${key.path.join('.')} can only stand in a file` });
    } else {
      entries.push({ path: key.path, value: parse(key, text), place });
    }
  }
  return { layer: listLayer(entries), problems, warnings };
}

function nearest(name: string): string {
  const found = nearestName(
    name,
    KEYS.map(({ env }) => env),
  );
  return found === undefined ? '' : `; did you mean ${found}?`;
}

/** What the text means, by the kind of the key; a text that is none of that kind stays a text, for the validator to refuse. */
function parse({ kind }: Key, text: string): unknown {
  if (kind === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (kind !== 'strings') return text;
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
