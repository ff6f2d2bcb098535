/**
 * What a worker thread runs: one job that lasts as long as the engine.
 *
 * A worker whose tasks need no event loop blocks when it has nothing to do; one with sockets, timers
 * or streams returns to its event loop after every turn and waits there.
 *
 * @module
 */

import { readlinkSync } from 'node:fs';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import type { PendingFile } from '../../core/connector.ts';
import { asMillraceError, serializeError } from '../../core/errors.ts';
import {
  BellWaiter,
  chooseWaitPolicy,
  NO_TASK,
  ParkPolicy,
  SpinPolicy,
  StopMode,
  ThreadState,
  type WaitPolicy,
} from '../../ringbuf/index.ts';
import { useModules } from '../../wasm/index.ts';
import type { ThreadHello, ThreadPreload, WorkerJob, WorkerResult } from '../protocol.ts';
import { preload } from './preload.ts';
import { Rest } from './rest.ts';
import { startTogether } from './start-together.ts';
import { StrayRejections } from './stray-rejections.ts';
import { systemClock } from './system-clock.ts';
import { TaskLoop } from './task-loop.ts';
import { UpdateInbox } from './updates/update-inbox.ts';
import { type Wiring, wireWorker } from './wiring.ts';

const preloaded = preload(workerData as ThreadPreload);

/** Runs all tasks of one worker to their end. Never rejects. */
export async function runWorker(job: WorkerJob): Promise<WorkerResult> {
  let wiring: Wiring | undefined;
  const rejections = new StrayRejections(job);
  const hello: ThreadHello = { worker: job.worker, threadId, systemId: systemId() };
  parentPort?.postMessage(hello);
  useModules(job.modules);
  try {
    await preloaded;
    wiring = await wireWorker(job, systemClock);
    wiring.control.enter(NO_TASK);
    await startTogether(wiring.control, job.plan, wiring.needsEventLoop);
    const loop = new TaskLoop(wiring);
    const updates = new UpdateInbox(job, wiring);
    if (wiring.needsEventLoop) await runOnEventLoop(job, wiring, loop, updates);
    else await runBlocking(job, wiring, loop, updates);
    if (wiring.control.stopMode() === StopMode.ABORT) {
      await abandon(wiring);
      return { status: 'aborted' };
    }
    wiring.control.setState(ThreadState.EXITED);
    await rejections.throwIfAny();
    return { status: 'finished', pendingFiles: await finish(wiring) };
  } catch (error) {
    if (wiring !== undefined) await abandon(wiring);
    return { status: 'failed', error: serializeError(asMillraceError(error, 'ERR_INTERNAL')) };
  } finally {
    rejections.close();
    job.updates.close();
    wiring?.control.enter(NO_TASK);
    wiring?.control.setState(ThreadState.EXITED);
  }
}

/** The loop of a compute worker. */
async function runBlocking(
  job: WorkerJob,
  wiring: Wiring,
  loop: TaskLoop,
  updates: UpdateInbox,
): Promise<void> {
  const { control } = wiring;
  const waiter = new BellWaiter(control.bell, waitPolicy(job));
  const rest = new Rest(control, loop, updates.hasNews);
  while (control.stopMode() !== StopMode.ABORT && !loop.isFinished()) {
    if (updates.isWaiting) await updates.take();
    if (loop.turn() || loop.isFinished()) continue;
    const sleepMs = rest.sleepMs();
    waiter.wait(rest.look, sleepMs);
    control.setState(ThreadState.RUNNING);
  }
}

/** The loop of an I/O worker. */
async function runOnEventLoop(
  job: WorkerJob,
  wiring: Wiring,
  loop: TaskLoop,
  updates: UpdateInbox,
): Promise<void> {
  const { control } = wiring;
  const waiter = new BellWaiter(control.bell, waitPolicy(job));
  const rest = new Rest(control, loop, updates.hasNews);
  while (control.stopMode() !== StopMode.ABORT && !loop.isFinished()) {
    if (updates.isWaiting) await updates.take();
    if (loop.turn()) {
      await nextTurnOfEventLoop();
    } else if (!loop.isFinished()) {
      const sleepMs = rest.sleepMs();
      await waiter.waitAsync(rest.look, sleepMs);
      control.setState(ThreadState.RUNNING);
    }
  }
}

function nextTurnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function waitPolicy(job: WorkerJob): WaitPolicy {
  const { workers, waitPolicy: wanted } = job.plan;
  if (wanted === 'spin') return new SpinPolicy();
  if (wanted === 'park') return new ParkPolicy();
  return chooseWaitPolicy({ threads: workers, cores: job.cores, latency: 'normal' });
}

async function finish(wiring: Wiring): Promise<PendingFile[]> {
  const files: PendingFile[] = [];
  for (const source of wiring.sources) await source.close();
  for (const { parts } of wiring.sinks) {
    wiring.control.enter(parts.id);
    try {
      files.push(...(await parts.sink.finish()));
    } catch (error) {
      throw asMillraceError(error, 'ERR_FILE', parts.node);
    }
  }
  for (const close of wiring.opened) await close();
  for (const metrics of wiring.metrics) metrics.publish();
  return files;
}

/** Gives everything back after a failure; what fails now must not hide the first error. */
async function abandon(wiring: Wiring): Promise<void> {
  for (const metrics of wiring.metrics) metrics.publish();
  for (const source of wiring.sources) await quietly(() => source.close());
  for (const { parts } of wiring.sinks) await quietly(() => parts.sink.abandon());
  for (const close of wiring.opened) await quietly(close);
}

async function quietly(action: () => void | Promise<void>): Promise<void> {
  try {
    await action();
  } catch {
    // The run has failed already, with an error that says why.
  }
}

/** The thread's number in the system: Linux shows it as `PROCESS/task/THREAD`. */
function systemId(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}
