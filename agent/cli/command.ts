import { Command } from 'commander';
import { EXIT } from './exit.ts';

/**
 * A command with what all have in common: one line of description, and an example after its help. Wrong flags end with
 * exit code 2. Actions return the exit code, or nothing for 0, and throw AtalayaError.
 */
export function command(usage: string, description: string, example: string): Command {
  return new Command(usage)
    .description(description)
    .helpOption('-h, --help', 'show this help')
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'atalaya: ')) })
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
    })
    .addHelpText('after', `\nExample:\n${example.replace(/^/gm, '  ')}`);
}

/** Collects a flag that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
