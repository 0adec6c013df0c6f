import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Families } from './family.ts';

/** How often the event loop's delay is sampled: more often would itself cost what an idle agent may. */
const SAMPLE_MS = 20;

/** CPU, memory and event-loop delay of this process, under the names that Prometheus' client libraries have for them. */
export function addProcessMetrics({ counter, gauge }: Families): { stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  delay.enable();
  // The monitor gives the time between its ticks, of which the resolution is no delay.
  const lag = (ns: number): number => Math.max(0, ns / 1e9 - SAMPLE_MS / 1e3);
  const startedSeconds = Date.now() / 1000 - process.uptime();
  gauge('nodejs_eventloop_lag_p50_seconds', 'Median delay of the event loop since the start.', () =>
    lag(delay.percentile(50)),
  );
  gauge('nodejs_eventloop_lag_p99_seconds', '99th percentile of the delay of the event loop since the start.', () =>
    lag(delay.percentile(99)),
  );
  gauge('nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop since the start.', () => lag(delay.max));
  counter('process_cpu_seconds_total', 'CPU time of all threads, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'Start of the process, seconds since 1970.', () => startedSeconds);
  gauge('nodejs_heap_size_used_bytes', 'Memory in use on the JavaScript heap.', () => process.memoryUsage().heapUsed);
  return { stop: () => void delay.disable() };
}
