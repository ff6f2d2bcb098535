/**
 * Worker threads that run functions on demand, for benchmarks: a subject keeps its threads, and so
 * its compiled code, through all rounds; between rounds they wait without using the CPU.
 *
 * @module
 */

import { once } from 'node:events';
import { type MessagePort, type Transferable, Worker } from 'node:worker_threads';

/** What a thread is asked to run: an exported function of a module, with these arguments. */
export interface Errand {
  readonly module: string;
  readonly run: string;
  readonly args: readonly unknown[];
}

/** A fixed set of threads. */
export class Team {
  readonly #workers: readonly Worker[];

  constructor(threads: number) {
    const entry = new URL('./team-thread.ts', import.meta.url);
    this.#workers = Array.from({ length: threads }, () => new Worker(entry));
  }

  get threads(): number {
    return this.#workers.length;
  }

  /** Runs `run` of `module` with `args` on thread `thread`; the answer is what it returns. */
  async ask<T>(
    thread: number,
    module: string,
    run: string,
    args: readonly unknown[],
    transfer: readonly MessagePort[] = [],
  ): Promise<T> {
    const worker = this.#workers[thread]!;
    const answer = once(worker, 'message');
    const errand: Errand = { module, run, args };
    worker.postMessage(errand, transfer as Transferable[]);
    const [reply] = (await answer) as [{ value: T } | { error: string }];
    if ('error' in reply) throw new Error(`${run}: ${reply.error}`);
    return reply.value;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
