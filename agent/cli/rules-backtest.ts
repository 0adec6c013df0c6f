import type { Command } from 'commander';
import { safeLine } from '../lib/safe-text.ts';
import { type LoadedRules, loadRules } from '../pipeline/load-rules.ts';
import { bundledRules } from '../pipeline/rule-files.ts';
import { type AlertChange, type Backtest, backtest } from '../rules-test/backtest.ts';
import { createEventFilter } from '../rules-test/event-filter.ts';
import { collect, command } from './command.ts';
import { EXIT, type ExitCode, report } from './exit.ts';
import { rulesError } from './rules-error.ts';

interface Options {
  readonly with: readonly string[];
  readonly rules?: readonly string[];
  readonly replace?: true;
  readonly filter?: string;
}

const MARKS = { added: '+', removed: '-', changed: '~' } as const;
const EXAMPLE = `atalaya rules backtest monday.cap tuesday.scap --with my-exceptions.yaml
atalaya rules backtest monday.cap --rules old/ --with new/ --replace`;

export function create(): Command {
  return command('backtest', 'say what changed rules would add to the alerts of captures, and take away', EXAMPLE)
    .argument('<capture...>', 'captures: of atalaya record, or .scap')
    .requiredOption('--with <path>', 'rules that are loaded after the present ones (may be repeated)', collect)
    .option('--rules <path>', 'the present rules (may be repeated); default: those that come with Atalaya', collect)
    .option('--replace', 'load the rules of --with instead of the present ones')
    .option('--filter <condition>', 'only events for which this condition holds')
    .action(async (captures: readonly string[], options: Options) => {
      process.exitCode = await run(captures, options);
    });
}

async function run(captures: readonly string[], options: Options): Promise<ExitCode> {
  const chosen = createEventFilter(options.filter);
  const present = options.rules ?? [bundledRules()];
  const before = load(present);
  const after = load(options.replace === true ? options.with : [...present, ...options.with]);
  let code: ExitCode = EXIT.done;
  for (const capture of captures) {
    try {
      const show = (change: AlertChange): void => {
        process.stdout.write(`${changeLine(change, captures.length > 1 ? capture : undefined)}\n`);
      };
      const result = await backtest(capture, before.ruleSet, after.ruleSet, show, chosen);
      for (const line of summary(capture, result)) process.stderr.write(`${safeLine(line)}\n`);
    } catch (error) {
      code = Math.max(code, report(error)) as ExitCode;
    }
  }
  return code;
}

function load(paths: readonly string[]): LoadedRules {
  const loaded = loadRules(paths);
  if (!loaded.ok) throw rulesError(loaded.errors);
  return loaded;
}

function changeLine({ kind, event, time, priority, rule, output }: AlertChange, capture: string | undefined): string {
  const where = capture === undefined ? '' : `${capture}: `;
  return safeLine(`${MARKS[kind]} ${where}event ${event} at ${time}: ${priority} ${rule}: ${output}`);
}

function summary(capture: string, { events, added, removed, changed, unchanged, gaps }: Backtest): readonly string[] {
  return [
    `${capture}: ${events} events; alerts: ${added} added, ${removed} removed, ${changed} changed, ${unchanged} as before`,
    ...(gaps === undefined
      ? [`${capture}: this kind of capture does not say what was left out of it`]
      : gaps.map(({ events: hidden, rules }) => `${capture}: not recorded: ${hidden}; needed by ${rules.join('; ')}`)),
  ];
}
