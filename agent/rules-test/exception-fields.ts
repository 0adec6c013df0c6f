import { MASK } from '../alert/redact.ts';
import { textToBytes } from '../events/bytestring.ts';
import type { AlertInput } from './alert-input.ts';

/** A part of an exception: a field that must have this value, and why it was chosen. */
export interface ExceptionPart {
  readonly field: string;
  readonly comp: '=' | 'glob' | 'startswith';
  readonly value: string;
  readonly reason: string;
}

/** The language takes 255 bytes; a character has up to four, and some are escaped. */
const VALUE_BYTES_MAX = 200;

/** The value alone says nothing of what the program does: the command line has to. */
const RUNS_OTHERS =
  /^(sh|bash|dash|ash|zsh|ksh\d*|busybox|toybox|env|python[\d.]*|perl[\d.]*|ruby[\d.]*|node|nodejs|php[\d.]*|java|lua[\d.]*)$/;
/** Paths that an event is about, the most telling first. */
const OBJECTS = ['fs.path.target', 'fd.name', 'fs.path.name', 'fs.path.source'];

/**
 * What identifies the act of an alert, narrowest: the binary, its command line where it runs others' code, the parent's
 * binary, the image or the host, and the object. Names that any program can give itself are taken only where no path is
 * known, and then the reason says so.
 */
export function exceptionParts({ fields }: AlertInput): readonly ExceptionPart[] {
  return [...programParts(fields), ...parentParts(fields), ...placeParts(fields), ...objectParts(fields)];
}

type Fields = AlertInput['fields'];

function text(fields: Fields, name: string): string | undefined {
  const value = fields.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What was masked in the alert may be anything, and what is too long to be compared is compared as far as that goes. */
function part(field: string, value: string | undefined, reason: string): readonly ExceptionPart[] {
  if (value === undefined) return [];
  const kept = beginning(value);
  const more = kept === value ? '' : ', as far as can be compared';
  if (!kept.includes(MASK))
    return [{ field, comp: more === '' ? '=' : 'startswith', value: kept, reason: reason + more }];
  const pattern = kept.split(MASK).map((text) => text.replace(/[*?[\]\\]/g, '\\$&'));
  const glob = `${pattern.join('*')}${more === '' ? '' : '*'}`;
  return [{ field, comp: 'glob', value: glob, reason: `${reason}, with anything where a secret was${more}` }];
}

/** As many characters as may be compared. */
function beginning(text: string): string {
  let bytes = 0;
  let kept = '';
  for (const char of text) {
    bytes += textToBytes(char).length;
    if (bytes > VALUE_BYTES_MAX) return kept;
    kept += char;
  }
  return text;
}

function programParts(fields: Fields): readonly ExceptionPart[] {
  const path = text(fields, 'proc.exepath');
  if (path === undefined) {
    return part(
      'proc.name',
      text(fields, 'proc.name'),
      'a name that any program can give itself: put proc.exepath here',
    );
  }
  const own = part('proc.exepath', path, 'this binary');
  if (!RUNS_OTHERS.test(path.slice(path.lastIndexOf('/') + 1))) return own;
  return [
    ...own,
    ...part('proc.cmdline', text(fields, 'proc.cmdline'), 'with this command, for it runs whatever it is told'),
  ];
}

function parentParts(fields: Fields): readonly ExceptionPart[] {
  const path = text(fields, 'proc.pexepath');
  if (path !== undefined) return part('proc.pexepath', path, 'started by this binary');
  return part(
    'proc.pname',
    text(fields, 'proc.pname'),
    'a name that any program can give itself: put proc.pexepath here',
  );
}

function placeParts(fields: Fields): readonly ExceptionPart[] {
  const image = text(fields, 'container.image.repository');
  if (image !== undefined) return part('container.image.repository', image, 'in containers of this image');
  return text(fields, 'container.id') === 'host' ? part('container.id', 'host', 'on the host') : [];
}

/** Of a connection, the server: the client's port is another one each time. */
function objectParts(fields: Fields): readonly ExceptionPart[] {
  const [, address, port] = /->(.+):(\d+)$/.exec(text(fields, 'fd.name') ?? '') ?? [];
  if (address !== undefined && port !== undefined) {
    return [...part('fd.sip', address, 'to this server'), ...part('fd.sport', port, 'and port')];
  }
  const field = OBJECTS.find((name) => text(fields, name)?.startsWith('/') === true);
  return field === undefined ? [] : part(field, text(fields, field), 'on this object');
}
