import type { Command } from 'commander';
import type { Check, CheckState } from '../doctor/check.ts';
import { type Coverage, coverageOf, type Share } from '../doctor/coverage.ts';
import { nodeChecks } from '../doctor/node-checks.ts';
import { readNodeFacts } from '../doctor/node-facts.ts';
import { trySensor } from '../doctor/sensor-trial.ts';
import { EVENT_KINDS } from '../events/kinds.ts';
import { type JsonValue, jsonText } from '../lib/json-text.ts';
import { safeLine } from '../lib/safe-text.ts';
import { loadRules } from '../pipeline/load-rules.ts';
import { thisMachine } from '../pipeline/world.ts';
import { collect, command } from './command.ts';
import { EXIT } from './exit.ts';
import { rulesError } from './rules-error.ts';
import { textTable } from './text-table.ts';
import { version } from './version.ts';

interface Flags {
  readonly rules?: readonly string[];
  readonly object?: string;
  readonly json?: true;
}

const EXAMPLE = `atalaya doctor
atalaya doctor --json | jq -r '.checks[] | select(.state != "ok").means'`;

interface Diagnosis {
  readonly version: string;
  /** Whether the agent can watch this node. */
  readonly works: boolean;
  readonly checks: readonly Check[];
  readonly coverage: Coverage;
}

export function create(): Command {
  return command('doctor', 'try what this node supports, and say what is missing and what follows', EXAMPLE)
    .option(
      '--rules <path>',
      'rules whose coverage is told (may be repeated); default: those that come with Atalaya',
      collect,
    )
    .option('--object <file>', 'file of the eBPF programs; default: the one that was built with this version')
    .option('--json', 'one JSON object')
    .action(async (flags: Flags) => {
      const diagnosis = await diagnose(flags);
      // Plain data, though its interfaces do not say so.
      process.stdout.write(flags.json ? `${jsonText(diagnosis as unknown as JsonValue)}\n` : printed(diagnosis));
      process.exitCode = diagnosis.works ? EXIT.done : EXIT.environment;
    });
}

async function diagnose({ rules = [], object }: Flags): Promise<Diagnosis> {
  const loaded = loadRules(rules);
  if (!loaded.ok) throw rulesError(loaded.errors);
  const trial = await trySensor({
    machine: thisMachine(),
    kinds: EVENT_KINDS,
    ...(object === undefined ? {} : { objectPath: object }),
  });
  return {
    version: version(),
    works: trial.works,
    checks: [...nodeChecks(readNodeFacts()), ...trial.checks],
    // One dispatch serves all kinds: they come together, or not at all.
    coverage: coverageOf(EVENT_KINDS, new Set(trial.works ? EVENT_KINDS : []), loaded.ruleSet.active),
  };
}

const MARKS: Readonly<Record<CheckState, string>> = { ok: 'ok', limited: 'LIMITED', missing: 'MISSING' };

function printed({ works, checks, coverage }: Diagnosis): string {
  const rows = checks.map(({ name, state, found }) => [MARKS[state], name, found]);
  const meanings = checks.flatMap(({ name, means }) => (means === undefined ? [] : `${name}: ${means}`));
  const { kinds, rules, techniques } = coverage;
  const lines = [
    '',
    ...meanings,
    ...(meanings.length > 0 ? [''] : []),
    ...shareLines('kinds of events', kinds),
    ...shareLines('rules', rules),
    ...shareLines('ATT&CK techniques', techniques),
    '',
    works ? 'The agent can watch this node.' : 'The agent cannot watch this node.',
  ];
  return `${textTable(['state', 'what', 'found'], rows)}${lines.map((line) => `${safeLine(line)}\n`).join('')}`;
}

function shareLines(what: string, { covered, partly, missing }: Share<string>): readonly string[] {
  const total = covered.length + partly.length + missing.length;
  return [
    `${what} covered: ${covered.length} of ${total}`,
    ...(partly.length === 0 ? [] : [`  partly: ${partly.join(', ')}`]),
    ...(missing.length === 0 || missing.length === total ? [] : [`  not: ${missing.join(', ')}`]),
  ];
}
