import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { createMatcher } from '../match/matcher.ts';
import { loadRules } from '../pipeline/load-rules.ts';
import { bundledRules } from '../pipeline/rule-files.ts';
import { compileRules } from '../rules/compile.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import { ALERT_CHARS_MAX, readAlertInput } from '../rules-test/alert-input.ts';
import { type EventTexts, eventOf } from '../rules-test/complete-event.ts';
import { exceptionYaml, testsYaml } from '../rules-test/exception-yaml.ts';
import type { GivenEvent } from '../rules-test/given-event.ts';
import { type Suggestion, suggestException } from '../rules-test/suggest-exception.ts';
import { BUNDLED, given } from '../rules-test/test-rules.ts';
import { collect, command } from './command.ts';
import { ruleByName } from './rule-by-name.ts';
import { rulesError } from './rules-error.ts';

const EXAMPLE = `tail -1 alerts.jsonl | atalaya rules suggest-exception > my-exception.yaml
atalaya rules test my-exception.yaml`;

export function create(): Command {
  return command(
    'suggest-exception',
    'read an alert as JSON and write the narrowest exception for it, with a test',
    EXAMPLE,
  )
    .option(
      '--rules <path>',
      'the rules that raised it (may be repeated); default: those that come with Atalaya',
      collect,
    )
    .action(async ({ rules }: { readonly rules?: readonly string[] }) => {
      process.stdout.write(suggest(await readInput(), rules));
    });
}

async function readInput(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > ALERT_CHARS_MAX) {
      throw new AtalayaError(
        'E_USAGE',
        `standard input is longer than ${ALERT_CHARS_MAX} characters; expected one alert`,
      );
    }
  }
  return text;
}

function suggest(input: string, paths: readonly string[] | undefined): string {
  const read = readAlertInput(input, given);
  if (!read.ok) throw new AtalayaError('E_USAGE', safeLine(read.message));
  const { alert } = read;
  const { files } = loadRules(paths ?? [bundledRules()]).read;
  const before = compileRules(files, given, { hash });
  if (!before.ok) throw rulesError(before.errors);
  const suggestion = suggestException(alert, ruleByName(before.ruleSet, alert.rule));
  if (suggestion.parts.length === 0) {
    const wanted = 'proc.exepath, proc.pexepath, container.image.repository, fd.name';
    throw new AtalayaError('E_USAGE', `the alert names neither program nor object; expected some of ${wanted} in it`);
  }
  const yaml = exceptionYaml(alert, suggestion);
  const after = compileRules([...files, { path: 'the suggestion', text: yaml }], given, { hash });
  if (!after.ok) throw rulesError(after.errors);
  return yaml + tests(alert.rule, suggestion, after.ruleSet, paths?.map((path) => resolve(path)) ?? [BUNDLED]);
}

/** Only what has been seen to hold is written. */
function tests(
  rule: string,
  { event, other }: Suggestion,
  ruleSet: RuleSet<GivenEvent>,
  rules: readonly string[],
): string {
  const alertsOf = (texts: EventTexts) => {
    const read = eventOf(texts, given);
    const matched = read === undefined ? [] : createMatcher(ruleSet).match(read);
    return matched.map(({ name }) => ({ rule: name, event: 1, output: '' }));
  };
  if (event === undefined || alertsOf(event).some((alert) => alert.rule === rule)) {
    return '# No test: the fields of the alert are too few to make its event of them.\n';
  }
  const alerts = other === undefined ? [] : alertsOf(other);
  const told =
    other !== undefined && alerts.some((alert) => alert.rule === rule) ? { event: other, alerts } : undefined;
  return testsYaml(rules, rule, event, told);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
