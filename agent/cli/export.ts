import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { exportPartition, isExported } from '../../collector/evidence/export.ts';
import { openStore } from '../../collector/store/store.ts';
import { AtalayaError } from '../lib/errors.ts';
import { command } from './command.ts';

interface Flags {
  readonly all?: true;
}

const EXAMPLE = `atalaya export /var/lib/atalaya /mnt/evidence
atalaya verify /mnt/evidence`;

export function create(): Command {
  return command('export', "write a collector's records as compressed JSON lines with chain and anchors", EXAMPLE)
    .argument(
      '<data>',
      'data folder of a collector that does not run; one that runs exports by itself (`server.export`)',
    )
    .argument('<folder>', 'where the files go, one for each partition; those that are there are left')
    .option('--all', 'the newest partition too, to which records may still be added: it is written anew each time')
    .action(run);
}

async function run(data: string, folder: string, flags: Flags): Promise<void> {
  const path = join(data, 'collector.db');
  if (!existsSync(path))
    throw new AtalayaError('E_DATA_DIR', `${path} is not there; expected a collector's data folder`);
  const { store } = openStore(path);
  try {
    for (const partition of store.partitions()) {
      if (partition.closed ? isExported(partition, folder) : !flags.all) continue;
      const { path, records } = await exportPartition(store, partition, folder);
      process.stdout.write(`${path} ${records}\n`);
    }
  } finally {
    await store.close();
  }
}
