/**
 * The threads of one engine.
 *
 * They are started before their jobs are known, so that they load their code while the host still plans; those that
 * seem to have nothing to do are started when they have a job. Piscina owns them: one long job each.
 *
 * @module
 */

import { getCompileCacheDir } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { ThreadHello, ThreadPreload, WorkerJob, WorkerResult } from '../protocol.ts';

/**
 * Room between the bound on a worker's heap, which is checked every tick, and V8's own limit. A loop
 * that allocates without end reaches V8's limit so fast that it often kills the whole process.
 */
const HEAP_HEADROOM_MIB = 1024;

/**
 * Bound on the part of a worker's heap where objects begin: three semi-spaces of 2 MiB. Left to itself V8
 * doubles it as objects survive, minutes after the start and up to 192 MiB a worker, although the rows of
 * the engine are no objects; and what survives in a larger one takes longer to copy: actors that come and go
 * hold their worker up for 3.4 ms a time with three of 8 MiB, for 0.7 ms with these, at the same cost for a row.
 */
const YOUNG_HEAP_MIB = 6;

/** The entry file, with the extension this file has: sources and published package both work. */
function entryFile(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`../thread/main.${extension}`, import.meta.url).href;
}

/**
 * The environment of threads. They keep compiled modules where this thread does, which they are not told by
 * themselves when it was not by an environment variable.
 */
function threadEnvironment(): NodeJS.ProcessEnv | undefined {
  const directory = getCompileCacheDir();
  if (directory === undefined) return undefined;
  // A folder for this version of Node within the one that was asked for.
  return { ...process.env, NODE_COMPILE_CACHE: path.dirname(directory) };
}

/** What threads are started with. */
export interface ThreadOptions {
  /** Most threads; those that are not started at once are when there is a job for them. */
  readonly threads: number;
  /** How many are started at once. */
  readonly early: number;
  /** Bound on the JavaScript heap of each worker. */
  readonly maxHeapMiB: number;
  readonly preload: ThreadPreload;
}

/** Threads that run jobs, or wait for them. */
export class ThreadPool {
  readonly maxHeapMiB: number;
  readonly #pool: Piscina;

  constructor({ threads, early, maxHeapMiB, preload }: ThreadOptions) {
    this.maxHeapMiB = maxHeapMiB;
    const env = threadEnvironment();
    this.#pool = new Piscina({
      ...(env && { env }),
      filename: entryFile(),
      name: 'runWorker',
      minThreads: early,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      idleTimeout: Infinity,
      workerData: preload,
      resourceLimits: {
        maxOldGenerationSizeMb: maxHeapMiB + HEAP_HEADROOM_MIB,
        maxYoungGenerationSizeMb: YOUNG_HEAP_MIB,
      },
    });
    // A dying thread may report through the pool as well as through its job.
    this.#pool.on('error', () => undefined);
  }

  get threads(): readonly Worker[] {
    return this.#pool.threads;
  }

  /** Calls back when a thread has taken a job. */
  onHello(callback: (hello: ThreadHello) => void): void {
    this.#pool.on('message', callback);
  }

  /** Runs a job on a thread that has none. Rejects when the thread dies. */
  async run(job: WorkerJob): Promise<WorkerResult> {
    return (await this.#pool.run(job, { transferList: [job.updates] })) as WorkerResult;
  }

  /** Ends all threads; the jobs of those that are stuck reject. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}
