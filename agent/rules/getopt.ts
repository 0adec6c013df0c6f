import type { ByteString } from '../events/bytestring.ts';

interface Options {
  readonly valid: ReadonlySet<string>;
  readonly withArgument: ReadonlySet<string>;
}

function parseOptions(optstring: ByteString): Options {
  const valid = new Set<string>();
  const withArgument = new Set<string>();
  for (let i = 0; i < optstring.length; i++) {
    const option = optstring.charAt(i);
    if (option === ':') continue;
    valid.add(option);
    if (optstring.charAt(i + 1) === ':') withArgument.add(option);
  }
  return { valid, withArgument };
}

/** An option that was found; without a value it stands for itself, with a missing one for the empty text. */
interface Found {
  readonly option: string;
  readonly value?: ByteString;
  readonly missing?: boolean;
}

/**
 * Short options among arguments, as getopt(3) finds them: clusters are split, `--`, a lone `-` and the first other word
 * end the scan, long options are passed over. Unknown options are found as `?`.
 */
function* scan(args: readonly ByteString[], optstring: ByteString): Generator<Found> {
  const options = parseOptions(optstring);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') return;
    if (arg.startsWith('--')) continue;
    if (!arg.startsWith('-') || arg === '-') return;
    for (let at = 1; at < arg.length; at++) {
      const option = arg.charAt(at);
      if (!options.valid.has(option)) {
        yield { option: '?' };
        continue;
      }
      if (!options.withArgument.has(option)) {
        yield { option };
        continue;
      }
      const value = at + 1 < arg.length ? arg.slice(at + 1) : args[++i];
      yield value === undefined ? { option, missing: true } : { option, value };
      break;
    }
  }
}

/** All options and their values, in order. */
export function listOptions(args: readonly ByteString[], optstring: ByteString): readonly ByteString[] {
  const result: ByteString[] = [];
  for (const { option, value, missing } of scan(args, optstring)) {
    if (missing === true) result.push('');
    else result.push(option);
    if (value !== undefined) result.push(value);
  }
  return result;
}

/** The last value of one option; the option itself if it takes none; undefined if it does not occur. */
export function selectOption(
  args: readonly ByteString[],
  optstring: ByteString,
  selector: ByteString,
): ByteString | undefined {
  const known = parseOptions(optstring).valid.has(selector);
  let result: ByteString | undefined;
  for (const { option, value, missing } of scan(args, optstring)) {
    if (known && option === selector) result = missing === true ? '' : (value ?? option);
  }
  return result;
}
