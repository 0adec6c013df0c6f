import type { ConnectOptions } from './channel.ts';
import { type CollectorConnection, connect } from './connect.ts';

/** Cursors are acknowledged together for so long. */
const EVERY_MS = 100;
/** What an end waits for the last acknowledgement. */
const CLOSE_MS = 1000;

/** Tells the collector how far a named subscription was dealt with. What it fails to tell comes again, which is allowed. */
export class Acknowledger {
  private readonly connection: CollectorConnection;
  private readonly name: string;
  private cursor: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(options: ConnectOptions, name: string) {
    this.connection = connect(options);
    this.name = name;
  }

  handled(cursor: string): void {
    this.cursor = cursor;
    this.timer ??= setTimeout(() => void this.flush(), EVERY_MS);
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
    const { cursor } = this;
    if (cursor === undefined) return;
    this.cursor = undefined;
    this.running = this.connection.acknowledge(this.name, cursor).catch(() => {
      this.cursor ??= cursor;
    });
    await this.running;
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    this.connection.close();
  }
}
