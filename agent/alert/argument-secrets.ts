import type { SecretNames } from './secret-names.ts';
import { LETTER_OPTIONS, USER_OPTIONS } from './secret-patterns.ts';

/** A secret in its place: what stands before it in a joined command line, and the secret. */
export interface PlacedSecret {
  readonly before: string;
  readonly secret: string;
}

/**
 * Secrets among the arguments of a process, exactly: with the blanks and quotes that a joined command line hides.
 * `name` is the program's (of its file, or argv[0]).
 */
export function secretsInArguments(name: string, args: readonly string[], names: SecretNames): PlacedSecret[] {
  const program = name.slice(name.lastIndexOf('/') + 1);
  return args.flatMap((arg, at) => {
    const next = args[at + 1];
    const found =
      ofNamedOption(arg, next, names) ?? ofLetterOption(program, arg, next) ?? ofUserOption(program, arg, next);
    return found === undefined || found.secret === '' ? [] : [found];
  });
}

function ofNamedOption(arg: string, next: string | undefined, names: SecretNames): PlacedSecret | undefined {
  const equals = arg.indexOf('=');
  const name = (equals < 0 ? arg : arg.slice(0, equals)).replace(/^-+/, '');
  if (name === '' || !names.has(name)) return undefined;
  if (equals >= 0) return split(arg, equals + 1);
  return arg.startsWith('--') && next?.startsWith('-') === false ? { before: `${arg} `, secret: next } : undefined;
}

function ofLetterOption(program: string, arg: string, next: string | undefined): PlacedSecret | undefined {
  const option = LETTER_OPTIONS[program];
  if (option === undefined || !arg.startsWith(`-${option.letter}`)) return undefined;
  if (arg.length > 2) return split(arg, 2);
  return option.form === 'both' && next !== undefined ? { before: `${arg} `, secret: next } : undefined;
}

function ofUserOption(program: string, arg: string, next: string | undefined): PlacedSecret | undefined {
  const known = USER_OPTIONS[program];
  if (known === undefined) return undefined;
  const { options, separator } = known;
  if (options.includes(arg)) {
    const at = next?.indexOf(separator) ?? -1;
    return next === undefined || at < 0
      ? undefined
      : { before: `${arg} ${next.slice(0, at + 1)}`, secret: next.slice(at + 1) };
  }
  const begins = options.find((option) => arg.startsWith(option.startsWith('--') ? `${option}=` : option));
  const at = begins === undefined ? -1 : arg.indexOf(separator, begins.length);
  return at < 0 ? undefined : split(arg, at + 1);
}

function split(arg: string, at: number): PlacedSecret {
  return { before: arg.slice(0, at), secret: arg.slice(at) };
}
