import { type Command, InvalidArgumentError } from 'commander';
import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { loadRules } from '../pipeline/load-rules.ts';
import { createEventFilter } from '../rules-test/event-filter.ts';
import { explainedLines } from '../rules-test/explain.ts';
import { type CaptureExplanation, type ExplainedEvent, explainCapture } from '../rules-test/explain-capture.ts';
import { collect, command } from './command.ts';
import { ruleByName } from './rule-by-name.ts';
import { rulesError } from './rules-error.ts';

interface Options {
  readonly rule: string;
  readonly event?: number;
  readonly filter?: string;
  readonly rules?: readonly string[];
  readonly all?: true;
}

const EXAMPLE = `atalaya rules explain --rule 'Program run from memory' monday.cap
atalaya rules explain --rule 'My rule' --rules my-rules.yaml --event 4711 monday.scap
atalaya rules explain --rule 'My rule' --filter 'proc.name = bash' monday.scap`;

export function create(): Command {
  return command('explain', 'show why a rule matched an event of a capture, or did not', EXAMPLE)
    .argument('<capture>', 'a capture: of atalaya record, or .scap')
    .requiredOption('--rule <name>', 'the rule')
    .option(
      '--event <number>',
      'number of the event (evt.num); default: the first that matches, or comes nearest',
      toNumber,
    )
    .option('--filter <condition>', 'only events for which this condition holds')
    .option(
      '--rules <path>',
      'rule file or folder (may be repeated); default: the rules that come with Atalaya',
      collect,
    )
    .option('--all', 'show also the parts that decide nothing')
    .action(async (capture: string, { rule: name, event, filter, rules = [], all }: Options) => {
      const chosen = createEventFilter(filter);
      const loaded = loadRules(rules);
      if (!loaded.ok) throw rulesError(loaded.errors);
      const rule = ruleByName(loaded.ruleSet, name);
      const explanation = await explainCapture(rule, capture, event, chosen);
      const lines = eventLines(explanation, name, event, all === true, filter !== undefined);
      process.stdout.write(lines.map((line) => `${safeLine(line)}\n`).join(''));
      const { events, looked, matched } = explanation;
      process.stderr.write(
        safeLine(`${capture}: ${events} events, ${looked} of types that the rule looks at, ${matched} match`),
      );
      process.stderr.write('\n');
    });
}

function toNumber(word: string): number {
  if (!/^[1-9]\d{0,14}$/.test(word)) throw new InvalidArgumentError('Expected the number of an event, from 1.');
  return Number(word);
}

function eventLines(
  { event, events }: CaptureExplanation,
  name: string,
  wanted: number | undefined,
  all: boolean,
  filtered: boolean,
): readonly string[] {
  if (event === undefined) {
    if (wanted === undefined)
      return [`rule '${name}' looks at no event of this capture${filtered ? ' that the filter lets through' : ''}`];
    const expected = filtered ? 'one that the filter lets through' : `1 to ${events}`;
    throw new AtalayaError('E_USAGE', `there is no event ${wanted}; expected ${expected}`);
  }
  return [headLine(event, name, wanted), ...reasonLines(event), ...explainedLines(event.condition, { all })];
}

function headLine(
  { number, time, type, process: who, matches }: ExplainedEvent,
  name: string,
  wanted?: number,
): string {
  const which = wanted === undefined && !matches ? ' (the nearest there is)' : '';
  return `event ${number}${which}: ${type} by ${who} at ${time}: rule '${name}' ${matches ? 'matches' : 'does not match'}`;
}

function reasonLines({ handled, type, exceptions }: ExplainedEvent): readonly string[] {
  return [
    ...(handled ? [] : [`the rule is never evaluated for ${type}: its condition names other types`]),
    ...exceptions.map((name) => `exception '${name}' keeps it silent`),
  ];
}
