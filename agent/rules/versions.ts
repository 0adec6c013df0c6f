import { parseUint32, structureFault } from './decode.ts';
import type { Version } from './items.ts';
import { shownText } from './strings.ts';
import type { YamlScalar } from './yaml-node.ts';

/** Upstream's engine version whose language this is. */
export const ENGINE_VERSION: Version = [0, 63, 0];

/** The first three numbers of `x.y.z`; text after the third is ignored. */
export function parseVersion(text: string): Version | undefined {
  const numbers = /^(\d+)\.(\d+)\.(\d+)/.exec(text);
  return numbers === null ? undefined : [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])];
}

export function versionText(version: Version): string {
  return version.join('.');
}

/** An engine requirement: `x.y.z`, or the old numbering in which N is 0.N.0. */
export function engineRequirement(scalar: YamlScalar): Version {
  const number = parseUint32(scalar.text);
  if (number !== undefined) return [0, number, 0];
  const version = parseVersion(scalar.text);
  if (version !== undefined) return version;
  return structureFault('the version of the engine is none', scalar.span, {
    found: shownText(scalar.text),
    expected: 'three numbers with dots, or one',
  });
}

/** Same major number and at least as new. */
export function satisfies(have: Version, wanted: Version): boolean {
  return have[0] === wanted[0] && compareVersions(have, wanted) >= 0;
}

function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
