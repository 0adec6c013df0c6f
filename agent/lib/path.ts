/**
 * Absolute, normalised form of an absolute path: `.`, `..`, double and trailing slashes removed by text; `..` above the
 * root stays at the root. Symbolic links are not looked at.
 */
export function normalisePath(path: string): string {
  if (isNormal(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Nearly all paths are normal already: this decides it without allocation. */
function isNormal(path: string): boolean {
  if (path.charCodeAt(0) !== 0x2f) return false;
  if (path.length === 1) return true;
  let after = 0;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    // After a slash, a dot may begin `.` or `..` (or a hidden file, which the slow way leaves as it is).
    if (after === 0x2f && (code === 0x2f || code === 0x2e)) return false;
    after = code;
  }
  return after !== 0x2f;
}

/** What Falco shows before a relative name whose directory is not known. */
export const UNKNOWN_DIRECTORY = '<UNKNOWN>';

/** Absolute form of a name as it was passed to a call, from its directory (absolute, or undefined when not known). */
export function resolvePath(directory: string | undefined, name: string): string {
  if (name.charCodeAt(0) === 0x2f) return normalisePath(name);
  if (directory === undefined || directory === '') return UNKNOWN_DIRECTORY + name;
  return normalisePath(`${directory}/${name}`);
}
