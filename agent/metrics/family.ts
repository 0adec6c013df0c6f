import { Counter, Gauge, type Registry } from 'prom-client';

/** A value for each combination of labels. */
export type Samples = Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>;

/** Metrics whose values are asked of their owners when somebody looks. */
export interface Families {
  counter(name: string, help: string, read: () => number | bigint): void;
  gauge(name: string, help: string, read: () => number | bigint): void;
  counters(name: string, help: string, labels: readonly string[], read: () => Samples): void;
  gauges(name: string, help: string, labels: readonly string[], read: () => Samples): void;
}

export function createFamilies(registry: Registry): Families {
  const one = (read: () => number | bigint) => (): Samples => [[{}, Number(read())]];
  const counters: Families['counters'] = (name, help, labels, read) =>
    void new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const [label, value] of read()) this.inc(label, value);
      },
    });
  const gauges: Families['gauges'] = (name, help, labels, read) =>
    void new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const [label, value] of read()) this.set(label, value);
      },
    });
  return {
    counters,
    gauges,
    counter: (name, help, read) => counters(name, help, [], one(read)),
    gauge: (name, help, read) => gauges(name, help, [], one(read)),
  };
}
