/**
 * The worker threads of one run: started, watched and ended from the host.
 *
 * A thread that dies rejects its job; a thread that stops beating is taken for lost, see `silence.ts`. Either ends the
 * whole run, and the error names the node whose task the thread was in.
 *
 * @module
 */

import { noteFailedRun } from './failed-runs.ts';
import type { Worker } from 'node:worker_threads';
import type { PendingFile } from '../../core/connector.ts';
import { deserializeError, MillraceError } from '../../core/errors.ts';
import { type HostControl, StopMode, ThreadState } from '../../ringbuf/index.ts';
import type { PhysicalPlan, WorkerJob, WorkerResult } from '../protocol.ts';
import { lostWorker } from './lost-worker.ts';
import type { ThreadSign } from './silence.ts';
import { isLost, readThreadSign } from './silence.ts';
import type { ThreadPool } from './thread-pool.ts';

const TICK_MS = 250;
/**
 * A worker beats at least once a second, even when idle. Counted in ticks of the host, not in time:
 * a host that was blocked for a while has ticked once, so it does not mistake itself for a lost worker.
 */
const STALL_TICKS = 12;
/** So long may a thread be held up, or take to start: on a busy host that may take long. */
const MOST_TICKS = 120;
const MIB = 1024 * 1024;
/** How long the other workers get to end by themselves after one has failed. */
const ABORT_GRACE_MS = 500;
/** How long threads get to die. */
const DESTROY_GRACE_MS = 500;

/** How a run ended. */
export type RunOutcome =
  | { readonly status: 'finished'; readonly pendingFiles: readonly PendingFile[] }
  | { readonly status: 'aborted' }
  | { readonly status: 'failed'; readonly error: MillraceError };

/** What a run needs to know of its surroundings. */
export interface WorkerRunOptions {
  readonly plan: PhysicalPlan;
  /** Those of its workers that have tasks. */
  readonly jobs: readonly WorkerJob[];
  readonly control: HostControl;
  /** Has a thread for each job; the run ends them. */
  readonly pool: ThreadPool;
}

/** All workers of one engine. */
export class WorkerRun {
  /** Settles when every thread has ended; never rejects. */
  readonly outcome: Promise<RunOutcome>;
  readonly #pool: ThreadPool;
  readonly #options: WorkerRunOptions;
  readonly #ticker: NodeJS.Timeout;
  readonly #lastBeat: Int32Array;
  readonly #silentTicks: Int32Array;
  readonly #running: Uint8Array;
  /** Which worker runs on which thread. */
  readonly #threadIds = new Map<number, number>();
  /** Their numbers in the system, by worker, where it tells. */
  readonly #systemIds = new Map<number, number>();
  /** What was seen of silent workers at first. */
  readonly #firstSigns = new Map<number, ThreadSign | undefined>();
  readonly #isMeasuring = new Set<number>();
  /** As last measured. */
  readonly #heapBytes: Float64Array;
  #failure: MillraceError | undefined;
  #endedMs: number | undefined;
  #fail: (error: MillraceError) => void = () => undefined;

  constructor(options: WorkerRunOptions) {
    const { workers } = options.plan;
    this.#options = options;
    this.#lastBeat = new Int32Array(workers);
    this.#silentTicks = new Int32Array(workers);
    this.#running = new Uint8Array(workers);
    for (const { worker } of options.jobs) this.#running[worker] = 1;
    this.#heapBytes = new Float64Array(workers);
    this.#pool = options.pool;
    this.#pool.onHello(({ threadId, systemId, worker }) => {
      this.#threadIds.set(threadId, worker);
      if (systemId !== undefined) this.#systemIds.set(worker, systemId);
    });
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.outcome = this.#run();
  }

  /** When the last job ended, or the run failed, by `performance.now`; threads take a while longer to end. */
  get endedMs(): number | undefined {
    return this.#endedMs;
  }

  async #run(): Promise<RunOutcome> {
    const failed = new Promise<void>((resolve) => {
      this.#fail = (error) => {
        this.#failure ??= error;
        this.#options.control.requestStop(StopMode.ABORT);
        resolve();
      };
    });
    const results = this.#options.jobs.map((job) => this.#runJob(job));
    const all = Promise.all(results);
    await Promise.race([all, failed]);
    this.#endedMs = performance.now();
    if (this.#failure !== undefined) await Promise.race([all, delay(ABORT_GRACE_MS)]);
    clearInterval(this.#ticker);
    // Rejects the jobs of threads that are stuck; `#runJob` expects that.
    const destroyed = this.#pool.destroy();
    if (this.#failure !== undefined) {
      void destroyed.then(() => noteFailedRun(this.#options.jobs[0]!.runId));
      // V8 cannot end some loops (one that does nothing but call array built-ins): the error is
      // told all the same.
      await Promise.race([destroyed.then(() => all), delay(DESTROY_GRACE_MS)]);
      return { status: 'failed', error: this.#failure };
    }
    await destroyed;
    const ended = await all;
    if (ended.some((result) => result?.status === 'aborted')) return { status: 'aborted' };
    const pendingFiles = ended.flatMap((result) =>
      result?.status === 'finished' ? result.pendingFiles : [],
    );
    return { status: 'finished', pendingFiles };
  }

  async #runJob(job: WorkerJob): Promise<WorkerResult | undefined> {
    try {
      const result = await this.#pool.run(job);
      if (result.status === 'failed') this.#fail(deserializeError(result.error));
      return result;
    } catch (error) {
      const isHeapFull = (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY';
      const what = isHeapFull ? 'ran out of heap' : `died (${messageOf(error)})`;
      this.#fail(this.#lost(job.worker, what, isHeapFull, error));
      return undefined;
    } finally {
      this.#running[job.worker] = 0;
    }
  }

  /** Looks at every worker's signs of life. */
  #tick(): void {
    for (const thread of this.#pool.threads) void this.#measureHeap(thread);
    for (let worker = 0; worker < this.#running.length; worker++) {
      const { heartbeat: beat, state } = this.#options.control.sign(worker);
      // A worker whose tasks have ended may take its time to write the last of its files.
      const isWorking = this.#running[worker] === 1 && state !== ThreadState.EXITED;
      const isSilent = isWorking && beat === this.#lastBeat[worker];
      this.#lastBeat[worker] = beat;
      this.#silentTicks[worker] = isSilent ? this.#silentTicks[worker]! + 1 : 0;
      if (isSilent && this.#isLost(worker, beat === 0 ? MOST_TICKS : STALL_TICKS)) {
        const what = `did not answer for ${(this.#silentTicks[worker]! * TICK_MS) / 1000} s`;
        // A worker that does nothing but collect garbage is silent too.
        const isHeapFilling = this.#heapBytes[worker]! * 2 > this.#pool.maxHeapMiB * MIB;
        this.#fail(this.#lost(worker, what, isHeapFilling));
      }
    }
  }

  #isLost(worker: number, least: number): boolean {
    const ticks = this.#silentTicks[worker]!;
    const sign = readThreadSign(this.#systemIds.get(worker));
    if (ticks === 1) this.#firstSigns.set(worker, sign);
    const silence = { ticks, first: this.#firstSigns.get(worker), last: sign };
    return isLost(silence, { least, most: MOST_TICKS });
  }

  /** Ends the run when a worker's heap is over its bound. */
  async #measureHeap(thread: Worker): Promise<void> {
    const { threadId } = thread;
    const worker = this.#threadIds.get(threadId);
    // Since Node 22.16; before, V8's own limit is the only one.
    if (worker === undefined || this.#isMeasuring.has(threadId)) return;
    if (!('getHeapStatistics' in thread)) return;
    this.#isMeasuring.add(threadId);
    try {
      const { used_heap_size: usedBytes } = await thread.getHeapStatistics();
      this.#heapBytes[worker] = usedBytes;
      if (usedBytes > this.#pool.maxHeapMiB * MIB && this.#running[worker] === 1) {
        const what = `ran out of heap (${this.#pool.maxHeapMiB} MiB)`;
        this.#fail(this.#lost(worker, what, true));
      }
    } catch {
      // The thread has ended meanwhile.
    } finally {
      this.#isMeasuring.delete(threadId);
    }
  }

  #lost(worker: number, what: string, isHeapFull: boolean, cause?: unknown): MillraceError {
    const { task } = this.#options.control.sign(worker);
    const loss = { worker, what, task, isHeapFull, cause };
    return lostWorker(this.#options.plan.tasks, loss);
  }
}

function messageOf(error: unknown): string {
  return (error as { message?: string }).message ?? String(error);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
