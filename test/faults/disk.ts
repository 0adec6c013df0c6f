import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder on a small disk of its own (tmpfs, so only for root), which can be full. */
export class Disk {
  readonly folder = mkdtempSync(join(tmpdir(), 'atalaya-disk-'));

  constructor(mebibytes: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'atalaya-test', this.folder]);
  }

  fill(): void {
    const file = openSync(join(this.folder, 'filler'), 'w');
    for (const size of [1 << 20, 1 << 12]) {
      try {
        while (writeSync(file, Buffer.alloc(size, 1)) === size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    closeSync(file);
  }

  free(): void {
    rmSync(join(this.folder, 'filler'), { force: true });
  }

  remove(): void {
    execFileSync('umount', ['-l', this.folder]);
    rmdirSync(this.folder);
  }
}
