/** How long each task of a worker has worked, those that it called not counted. @module */

import type { Batch } from '../../../core/batch.ts';
import type { TimeUs } from '../../../core/units.ts';
import { SeqlockWriter, type SeqlockAddress } from '../../../ringbuf/index.ts';
import type { Target, Timed } from '../flow.ts';

/** How often the others are told. */
const TELL_MS = 10;

/** Counts the time of each task. Tasks call one another: the time is that of the innermost. */
export class WorkClock {
  /** By task, in milliseconds. */
  readonly #busyMs: Float64Array;
  readonly #writer: SeqlockWriter;
  readonly #stack: Int32Array;
  #depth = 0;
  #sinceMs = 0;
  #toldMs = -Infinity;

  constructor(buffer: SharedArrayBuffer, address: SeqlockAddress) {
    this.#busyMs = new Float64Array(address.values);
    this.#stack = new Int32Array(address.values + 1);
    this.#writer = new SeqlockWriter(buffer, address);
  }

  /** A task is called. @hot */
  enter(task: number): void {
    const nowMs = performance.now();
    if (this.#depth > 0) this.#busyMs[this.#stack[this.#depth - 1]!]! += nowMs - this.#sinceMs;
    this.#stack[this.#depth++] = task;
    this.#sinceMs = nowMs;
  }

  /** It returns. @hot */
  leave(): void {
    const nowMs = performance.now();
    this.#busyMs[this.#stack[--this.#depth]!]! += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }

  /** At the end of a turn. */
  tell(nowMs: number): void {
    if (nowMs - this.#toldMs < TELL_MS) return;
    this.#toldMs = nowMs;
    this.#writer.write(this.#busyMs);
  }
}

/** A task whose time is counted. */
export class MeasuredTarget implements Target {
  readonly #target: Target;
  readonly #task: number;
  readonly #clock: WorkClock;

  constructor(target: Target, task: number, clock: WorkClock) {
    this.#target = target;
    this.#task = task;
    this.#clock = clock;
  }

  canAccept(): boolean {
    return this.#target.canAccept();
  }

  accept(channel: number, batch: Batch): void {
    this.#clock.enter(this.#task);
    this.#target.accept(channel, batch);
    this.#clock.leave();
  }

  acceptWatermark(channel: number, watermarkUs: TimeUs): void {
    this.#clock.enter(this.#task);
    this.#target.acceptWatermark(channel, watermarkUs);
    this.#clock.leave();
  }

  acceptEnd(channel: number): void {
    this.#clock.enter(this.#task);
    this.#target.acceptEnd(channel);
    this.#clock.leave();
  }

  hasEnded(): boolean {
    return this.#target.hasEnded();
  }

  isIdle(): boolean {
    return this.#target.isIdle();
  }

  pump(): boolean {
    this.#clock.enter(this.#task);
    const moved = this.#target.pump();
    this.#clock.leave();
    return moved;
  }
}

/** A task that goes by the clock, whose time is counted. */
export class MeasuredTimed implements Timed {
  readonly #timed: Timed;
  readonly #task: number;
  readonly #clock: WorkClock;

  constructor(timed: Timed, task: number, clock: WorkClock) {
    this.#timed = timed;
    this.#task = task;
    this.#clock = clock;
  }

  sleepMs(): number {
    return this.#timed.sleepMs();
  }

  tick(): boolean {
    this.#clock.enter(this.#task);
    const moved = this.#timed.tick();
    this.#clock.leave();
    return moved;
  }
}
