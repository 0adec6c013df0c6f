import type { Command } from 'commander';
import { createRedactor } from '../alert/redact.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import { safeLine } from '../lib/safe-text.ts';
import { createFileOutput } from '../outputs/file.ts';
import type { Output } from '../outputs/output.ts';
import { createStdoutOutput } from '../outputs/stdout.ts';
import { compileAgentRules } from '../pipeline/agent-rules.ts';
import { type ReplayResult, replay } from '../pipeline/replay.ts';
import { collect, command } from './command.ts';
import { readConfiguration } from './configuration.ts';
import { EXIT, type ExitCode, report } from './exit.ts';

interface Flags {
  readonly rules?: readonly string[];
  readonly output?: readonly string[];
  readonly config?: string;
}

const EXAMPLE = `atalaya replay suspicious.cap
atalaya replay --rules my-rules.yaml monday.cap tuesday.cap`;

export function create(): Command {
  return command('replay', 'run rules over captures: alerts on standard output, a summary on standard error', EXAMPLE)
    .argument('<file...>', 'captures, in order')
    .option(
      '--rules <path>',
      'rule file or folder (may be repeated); default: the rules that come with Atalaya',
      collect,
    )
    .option('--output <output>', 'where alerts go: stdout (default), file:PATH (may be repeated)', collect)
    .option('--config <file>', 'configuration (YAML); flags count more')
    .action(run);
}

async function run(files: readonly string[], flags: Flags): Promise<void> {
  const { config } = readConfiguration({
    file: flags.config,
    flags: [
      { path: ['rules', 'paths'], value: flags.rules, flag: '--rules' },
      { path: ['outputs'], value: flags.output, flag: '--output' },
    ],
  });
  const { ruleSet } = compileAgentRules(config.rules);
  const reader = { gone: false };
  const outputs = config.outputs.map((name) => createOutput(name, reader));
  const show = async (bodies: readonly EnvelopeBody[]): Promise<void> => {
    for (const output of outputs) output.write(bodies);
    await Promise.all(outputs.map((output) => output.flush()));
  };
  let code: ExitCode = EXIT.done;
  try {
    for (const file of files) {
      const startedMs = performance.now();
      try {
        const result = await replay(file, {
          ruleSet,
          matching: config.rules.matching,
          redactor: createRedactor(config.redact),
          processLimitBytes: config.state.processes_mib * 1024 * 1024,
          onRaised: show,
          stopped: () => reader.gone,
        });
        process.stderr.write(summary(file, result, performance.now() - startedMs));
        if (result.damage !== undefined) code = worse(code, report(result.damage));
      } catch (error) {
        code = worse(code, report(error));
      }
      if (reader.gone) break;
    }
  } finally {
    await Promise.all(outputs.map((output) => output.close()));
  }
  process.exitCode = code;
}

/** Nothing is left out: the replay waits for its readers, and ends when the last one has gone. */
function createOutput(name: string, reader: { gone: boolean }): Output {
  const onNotice: Parameters<typeof createStdoutOutput>[0] = {
    limitBytes: Number.POSITIVE_INFINITY,
    onNotice: (notice) => {
      if (notice.kind === 'gone') reader.gone = true;
      if (notice.kind === 'failing')
        process.stderr.write(`atalaya: ${name} cannot be written: ${notice.error.message}\n`);
    },
  };
  return name === 'stdout'
    ? createStdoutOutput(onNotice)
    : createFileOutput({ path: name.slice('file:'.length), ...onNotice });
}

/** Damage is told before a missing file: something was wrong with what was read. */
function worse(a: ExitCode, b: ExitCode): ExitCode {
  return Math.max(a, b) as ExitCode;
}

function summary(file: string, result: ReplayResult, ms: number): string {
  const { counts, events, alerts, lost, missingKinds, notes } = result;
  const seconds = Math.max(ms / 1000, 0.001);
  const rate = Math.round(events / seconds);
  const lines = [
    `${file}: ${events} events in ${seconds.toFixed(2)} s (${rate}/s), ${alerts} ${alerts === 1 ? 'alert' : 'alerts'}`,
  ];
  for (const [rule, { priority, count }] of [...counts.matches].sort((a, b) => b[1].count - a[1].count)) {
    lines.push(`  ${String(count).padStart(8)}  ${priority.padEnd(13)}  ${rule}`);
  }
  if (lost > 0n) lines.push(`  ${lost} events were lost while it was recorded`);
  if (missingKinds.length > 0) lines.push(`  not collected, though rules need them: ${missingKinds.join(', ')}`);
  lines.push(...notes.map((note) => `  ${note}`));
  return lines.map((line) => `${safeLine(line)}\n`).join('');
}
