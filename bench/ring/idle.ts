/**
 * Question: what does an idle engine cost?
 *
 * Sixteen workers parked on their bells, waking once a second to look; the CPU time of the whole
 * process, main thread and collector included, as a share of one core.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  allocateControl,
  Arena,
  BellWaiter,
  type ControlAddress,
  HostControl,
  ParkPolicy,
  StopMode,
  ThreadControl,
  ThreadState,
} from '../../src/ringbuf/index.ts';
import type { BenchLine, BenchOptions } from '../shared/bench-line.ts';
import { Team } from './team.ts';

const WORKERS = 16;
const LOOK_EVERY_MS = 1000;
const SETTLE_MS = 500;

/** What each parked thread is given. */
export interface Parked {
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly control: ControlAddress;
  readonly thread: number;
}

/** Runs the case. */
export async function benchIdle(options: BenchOptions): Promise<BenchLine[]> {
  const seconds = options.quick ? 2 : 10;
  const team = new Team(WORKERS);
  const arena = Arena.create(64 * 1024);
  const control = allocateControl(arena, WORKERS);
  const host = new HostControl(arena.buffer, control);
  const { memory } = arena;
  const ended = Array.from({ length: WORKERS }, (_, thread) =>
    team.ask<number>(thread, import.meta.url, 'park', [{ memory, control, thread }]),
  );
  const threads = Array.from({ length: WORKERS }, (_, thread) => thread);
  while (!threads.every((thread) => host.sign(thread).state === ThreadState.PARKED)) {
    await sleep(10);
  }
  await sleep(SETTLE_MS);
  const beatsBefore = threads.map((thread) => host.sign(thread).heartbeat);
  const startMs = performance.now();
  const before = process.cpuUsage();
  await sleep(seconds * 1000);
  const used = process.cpuUsage(before);
  const passedSeconds = (performance.now() - startMs) / 1000;
  const wakes = threads.map((thread) => host.sign(thread).heartbeat - beatsBefore[thread]!);
  host.requestStop(StopMode.DRAIN);
  await Promise.all(ended);
  await team.close();
  return [
    {
      bench: 'ring',
      case: `idle: ${WORKERS} parked workers`,
      subject: 'millrace',
      coreShare: (used.user + used.system) / 1e6 / passedSeconds,
      events: wakes.reduce((sum, count) => sum + count, 0),
      seconds: passedSeconds,
      workers: WORKERS,
      // They were there, and slept: each woke about as often as its timeout says.
      checked: wakes.every((count) => Math.abs(count - passedSeconds) <= 2),
    },
  ];
}

/** A worker with nothing to do, until it is stopped. */
export function park({ memory, control: address, thread }: Parked): number {
  const { buffer } = Arena.attach(memory);
  const control = new ThreadControl(buffer, address, thread);
  const waiter = new BellWaiter(control.bell, new ParkPolicy());
  const hasWork = (): boolean => control.stopMode() !== StopMode.RUN;
  let looks = 0;
  while (!hasWork()) {
    control.setState(ThreadState.PARKED);
    waiter.wait(hasWork, LOOK_EVERY_MS);
    control.beat();
    looks++;
  }
  return looks;
}
