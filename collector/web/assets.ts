import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isThere } from '../../agent/storage/is-there.ts';

export interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/text.js': ['text.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** The page's files by their URL, read once. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const folder = staticFolder();
  return new Map(
    Object.entries(FILES).map(([url, [file, type]]) => [url, { type, content: readFileSync(join(folder, file)) }]),
  );
}

/** Beside this file, or, when this file was compiled into dist/, beside its source. */
function staticFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, 'static');
  return isThere(beside) ? beside : join(here, '../../../collector/web/static');
}
