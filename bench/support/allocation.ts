import { GCProfiler, getHeapStatistics } from 'node:v8';

/**
 * Bytes that a function allocates on the JavaScript heap: what the heap grew by between collections, and up to the first
 * and from the last one.
 */
export function allocatedBy(run: () => void): number {
  const profiler = new GCProfiler();
  profiler.start();
  let from = getHeapStatistics().used_heap_size;
  run();
  const end = getHeapStatistics().used_heap_size;
  let bytes = 0;
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    bytes += beforeGC.heapStatistics.usedHeapSize - from;
    from = afterGC.heapStatistics.usedHeapSize;
  }
  return bytes + end - from;
}
