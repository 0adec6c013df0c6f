import { once } from 'node:events';
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';

/** Stands between two programs, and takes their connection away, holds it up or slows it. */
export class Proxy {
  readonly port: number;
  /** Bytes that went to the target. */
  bytes = 0;
  private readonly server: Server;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private held = false;
  /** 0 = as fast as it goes. */
  private bytesPerSecond = 0;
  private down = false;

  private constructor(server: Server, port: number, target: () => number) {
    this.server = server;
    this.port = port;
    server.on('connection', (near) => this.join(near, target()));
  }

  static async start(target: () => number): Promise<Proxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Proxy(server, (server.address() as { port: number }).port, target);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.pairs.size;
  }

  /** Breaks all connections; `down`: and takes no new ones. */
  cut(down = false): void {
    this.down = down;
    for (const [near, far] of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  up(): void {
    this.down = false;
  }

  /** Nothing goes through, but nobody is told. */
  hold(): void {
    this.held = true;
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  release(): void {
    this.held = false;
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  /** Lets so many bytes a second through in each direction; 0 = as fast as it goes. */
  slow(bytesPerSecond: number): void {
    this.bytesPerSecond = bytesPerSecond;
  }

  async stop(): Promise<void> {
    this.cut(true);
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket, port: number): void {
    if (this.down) {
      near.resetAndDestroy();
      return;
    }
    const far = openSocket(port, '127.0.0.1');
    const pair = [near, far] as const;
    // What comes in small parts would otherwise wait 40 ms for the other side's acknowledgement.
    for (const socket of pair) socket.setNoDelay(true);
    this.pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => {
        if (to === far) this.bytes += chunk.length;
        const waitMs = this.bytesPerSecond === 0 ? 0 : (chunk.length * 1000) / this.bytesPerSecond;
        const more = to.write(chunk);
        if (more && waitMs === 0) return;
        from.pause();
        const resume = (): void => {
          if (!this.held) from.resume();
        };
        if (more) setTimeout(resume, waitMs);
        else to.once('drain', resume);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.pairs.delete(pair);
      });
      if (this.held) from.pause();
    }
  }
}
