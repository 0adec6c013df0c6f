import type { Command } from 'commander';
import { catalogue } from '../fields/catalogue.ts';
import { renderFields } from '../fields/document.ts';
import { command } from './command.ts';

export function create(): Command {
  return command('fields', 'show the fields that rules and outputs can use', 'atalaya fields').action(() => {
    process.stdout.write(renderFields(catalogue.all()));
  });
}
