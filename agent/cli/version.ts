import { readFileSync } from 'node:fs';

/** Version of this build, from package.json beside the sources or above dist/. */
export function version(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const found = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version?: string };
      if (found.version !== undefined) return found.version;
    } catch {
      // Not there: the other place.
    }
  }
  return 'unknown';
}
