import { existsSync, renameSync, writeFileSync } from 'node:fs';

/** Debian's libfaketime, for programs with threads. */
const LIBRARY = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
].find((path) => existsSync(path));

export function hasFakeTime(): boolean {
  return LIBRARY !== undefined;
}

/** A wall clock that programs with `env` see, and that can be set. What measures time spans is left alone. */
export class SteppedClock {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.step(0);
  }

  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: LIBRARY ?? '',
      FAKETIME_TIMESTAMP_FILE: this.path,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_CACHE_DURATION: '1',
    };
  }

  /** Seconds from the true time. */
  step(seconds: number): void {
    writeFileSync(`${this.path}.new`, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
    renameSync(`${this.path}.new`, this.path);
  }
}
