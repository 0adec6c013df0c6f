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
    this.pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => {
        if (to === far) this.bytes += chunk.length;
        if (to.write(chunk)) return;
        from.pause();
        to.once('drain', () => this.held || from.resume());
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
