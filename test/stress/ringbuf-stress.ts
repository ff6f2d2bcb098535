/**
 * One ring, real threads, random delays: broadcast to several cursors, each with its own way to
 * wait, releasing late and going back. Every byte of every slot is checked.
 *
 * @module
 */

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  allocateControl,
  allocateRing,
  Arena,
  HostControl,
  StopMode,
} from '../../src/ringbuf/index.ts';
import type { StressReport, StressThreadData } from './ringbuf-stress-thread.ts';

/** How to stress. */
export interface StressOptions {
  readonly seconds: number;
  readonly slots: number;
  /** One cursor each; the ways in which they wait. */
  readonly consumers: readonly StressThreadData['waits'][];
  readonly producer: StressThreadData['waits'];
  readonly seed: number;
  readonly firstCount: number;
}

/** Runs for `seconds`; the reports, the producer's first. Throws if a thread hangs. */
export async function stressRing(options: StressOptions): Promise<readonly StressReport[]> {
  const arena = Arena.create(1024 * 1024);
  const threads = 1 + options.consumers.length;
  const control = allocateControl(arena, threads);
  const ring = allocateRing(arena, {
    slots: options.slots,
    slotBytes: 64,
    consumers: options.consumers.length,
    firstCount: options.firstCount,
  });
  const host = new HostControl(arena.buffer, control);
  const workers = [options.producer, ...options.consumers].map((waits, thread) => {
    const { memory } = arena;
    const seed = options.seed * 31 + thread;
    const workerData: StressThreadData = { memory, control, ring, thread, seed, waits };
    return new Worker(new URL('./ringbuf-stress-thread.ts', import.meta.url), { workerData });
  });
  try {
    const reports = Promise.all(
      workers.map(async (worker) => (await once(worker, 'message'))[0] as StressReport),
    );
    const isOver = new AbortController();
    await Promise.race([sleep(options.seconds * 1000, undefined, isOver), reports]);
    host.requestStop(StopMode.DRAIN);
    const hang = sleep(10_000, undefined, isOver).then(() => {
      throw new Error('a thread does not end: it sleeps through its work');
    });
    hang.catch(() => {});
    const all = await Promise.race([reports, hang]);
    isOver.abort();
    return all;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** What is wrong with `reports`; empty if nothing is. */
export function complaints(reports: readonly StressReport[]): string[] {
  const producer = reports[0]!;
  const found: string[] = [];
  for (const report of reports) {
    if (report.error !== undefined) found.push(`thread ${report.thread}: ${report.error}`);
    if (report.timeouts > 0) found.push(`thread ${report.thread}: a wake-up was lost`);
    if (report.slots !== producer.slots || report.checksum !== producer.checksum) {
      found.push(`thread ${report.thread} saw ${report.slots} of ${producer.slots} slots`);
    }
  }
  return found;
}
