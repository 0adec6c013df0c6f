import { Command } from 'commander';
import { AtalayaError } from '../lib/errors.ts';
import { EXIT, report } from './exit.ts';
import { version } from './version.ts';

type Loader = () => Promise<{ create(): Command | Promise<Command> }>;

/** Every command, by name, in the order of the help. Loaded when asked for: `fields` needs no database, `run` no web page. */
const COMMANDS: Readonly<Record<string, Loader>> = {
  run: () => import('./run.ts'),
  start: () => import('./start.ts'),
  record: () => import('./record.ts'),
  replay: () => import('./replay.ts'),
  collector: () => import('./collector.ts'),
  rules: () => import('./rules.ts'),
  fields: () => import('./fields.ts'),
  subscribe: () => import('./subscribe.ts'),
  query: () => import('./query.ts'),
  triage: () => import('./triage.ts'),
  agents: () => import('./agents.ts'),
  events: () => import('./events.ts'),
  config: () => import('./config.ts'),
  doctor: () => import('./doctor.ts'),
  migrate: () => import('./migrate.ts'),
  certs: () => import('./certs.ts'),
  verify: () => import('./verify.ts'),
  export: () => import('./export.ts'),
};

/** The commands that the first word asks for: one of them, or all, to show or to suggest. */
function wanted(word = ''): readonly Loader[] {
  if (word === '-V' || word === '--version') return [];
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  return command === undefined ? Object.values(COMMANDS) : [command];
}

async function main(words: readonly string[]): Promise<void> {
  const program = new Command('atalaya')
    .description('Runtime security for Kubernetes nodes: what processes do, matched against Falco rules.')
    .version(version(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'atalaya: ')) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage))
    .addHelpText('after', '\nExample:\n  atalaya run --rules my-rules.yaml --output stdout');
  for (const { create } of await Promise.all(wanted(words[0]).map((load) => load())))
    program.addCommand(await create());
  await program.parseAsync([...words], { from: 'user' });
}

// A reader that has gone away (`| head -1`) is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.done);
    const name = stream === process.stdout ? 'output' : 'error';
    process.exit(report(new AtalayaError('E_OUTPUT', `standard ${name} cannot be written: ${error.message}`)));
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.exitCode = report(error);
});
