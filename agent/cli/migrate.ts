import type { Command } from 'commander';
import { command } from './command.ts';
export function create(): Command { return command('migrate','x','y'); }
