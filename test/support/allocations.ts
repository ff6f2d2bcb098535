/** How much of V8's heap some work takes. @module */

import { GCProfiler, getHeapStatistics } from 'node:v8';
import type { OperatorCase } from '../../bench/operators/case.ts';
import { OperatorRun } from '../../bench/operators/millrace-subject.ts';

/** What work has left behind it, collected or not. */
export interface Allocations {
  readonly bytes: number;
  readonly collections: number;
}

/** Bytes of this thread's heap that `work` allocates, whether or not they are collected meanwhile. */
export function allocationsOf(work: () => void): Allocations {
  const profiler = new GCProfiler();
  profiler.start();
  let usedBytes = getHeapStatistics().used_heap_size;
  work();
  const endBytes = getHeapStatistics().used_heap_size;
  const { statistics } = profiler.stop();
  let bytes = 0;
  for (const { beforeGC, afterGC } of statistics) {
    bytes += Math.max(0, beforeGC.heapStatistics.usedHeapSize - usedBytes);
    usedBytes = afterGC.heapStatistics.usedHeapSize;
  }
  return { bytes: bytes + Math.max(0, endBytes - usedBytes), collections: statistics.length };
}

/** How an operator is run before its allocations count: V8 has compiled what runs for each row by then. */
const WARM_UP_PASSES = 6;
const PASSES = 6;
const EXTENT = { batches: 8, batchRows: 1024 };

/**
 * Bytes that an operator's kernel allocates for a row of its input: the least of some passes, since code that V8 is
 * about to compile anew allocates more.
 */
export async function allocatedPerRow(
  given: OperatorCase,
  warmUpPasses = WARM_UP_PASSES,
): Promise<number> {
  const operator = await OperatorRun.open(given, EXTENT);
  const perRow: number[] = [];
  for (let pass = 0; pass < warmUpPasses + PASSES; pass++) {
    const { bytes } = allocationsOf(() => operator.pass());
    operator.feed.advance();
    if (pass >= warmUpPasses) perRow.push(bytes / (EXTENT.batches * EXTENT.batchRows));
  }
  return Math.min(...perRow);
}
