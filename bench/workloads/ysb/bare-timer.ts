/**
 * A thread that only sleeps, beside a run: how late this machine wakes a thread.
 *
 * It is due every {@link INTERVAL_US} and notes how much later it was awake. What it suffers, any engine
 * suffers on the same machine at the same time.
 *
 * @module
 */

import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Percentiles } from '../../shared/bench-line.ts';
import { percentilesOf } from '../../shared/bench-line.ts';

/** As the source looks at the clock. */
const INTERVAL_US = 50;

interface Span {
  /** When to begin, by the thread's own `Date.now()`. */
  readonly fromMs: number;
  readonly seconds: number;
}

/** What the thread noted. */
export interface Lateness {
  readonly latencyUs: Percentiles;
  readonly wakes: number;
  /** Whether it never was awake before its time. */
  readonly checked: boolean;
}

/** Starts the thread; the promise gives how late it was awake, in microseconds. */
export async function timeBareThread(span: Span): Promise<Lateness> {
  const thread = new Worker(new URL(import.meta.url), { workerData: span });
  const [latenessUs] = (await once(thread, 'message')) as [Float64Array];
  const { p50, p99, p999, p9999, max } = percentilesOf(latenessUs.map(Math.round));
  const wakes = latenessUs.length;
  const checked = latenessUs.every((late) => late >= 0);
  return { latencyUs: { p50, p99, p999, p9999, max }, wakes, checked };
}

function sleepAndNote({ fromMs, seconds }: Span): Float64Array {
  const latenessUs = new Float64Array((seconds * 1e6) / INTERVAL_US);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const nowUs = (): number => (performance.timeOrigin + performance.now()) * 1000;
  const startUs = fromMs * 1000;
  for (let i = 0; i < latenessUs.length; i++) {
    const dueUs = startUs + i * INTERVAL_US;
    for (let left = dueUs - nowUs(); left > 0; left = dueUs - nowUs()) {
      Atomics.wait(cell, 0, 0, left / 1000);
    }
    latenessUs[i] = nowUs() - dueUs;
  }
  return latenessUs;
}

if (!isMainThread) parentPort!.postMessage(sleepAndNote(workerData as Span));
