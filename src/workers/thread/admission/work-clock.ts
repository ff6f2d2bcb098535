/** How long each task of a worker has worked, those that it called not counted. @module */

import { performance } from 'node:perf_hooks';
import type { Batch } from '../../../core/batch.ts';
import type { TimeUs } from '../../../core/units.ts';
import { SeqlockWriter, type SeqlockAddress } from '../../../ringbuf/index.ts';
import type { Target, Timed } from '../flow.ts';

/** How often the others are told. */
const TELL_MS = 10;
/** Of so many calls one is timed, for all: the clock costs as much as some rows do. */
const SAMPLED = 4;
/** The same of short ones, and what is short. */
const SAMPLED_SHORT = 8;
const SHORT_MS = 0.05;
/** The first ones are all timed. */
const TIMED_FIRST = 64;

/** Counts the time of each task. Tasks call one another: the time is that of the innermost. */
export class WorkClock {
  /** By task, in milliseconds. */
  readonly #busyMs: Float64Array;
  readonly #writer: SeqlockWriter;
  readonly #stack: Int32Array;
  #depth = 0;
  #sinceMs = 0;
  #toldMs = -Infinity;
  /** Calls that are not timed, one inside the other. */
  #untimed = 0;
  /** What a millisecond counts for. */
  #weight = 1;
  #timed = 0;
  /** One of so many is timed, at present. */
  #every = 1;
  /** When the call began that is timed for others. */
  #enteredMs = 0;
  #isSampled = false;
  /** Calls until the next one is timed. */
  #until = 1;
  #random = 1;

  constructor(buffer: SharedArrayBuffer, address: SeqlockAddress) {
    this.#busyMs = new Float64Array(address.values);
    this.#stack = new Int32Array(address.values + 1);
    this.#writer = new SeqlockWriter(buffer, address);
  }

  /** A task is called with rows or a watermark: one call of some is timed. @hot */
  enterSampled(task: number): void {
    if (this.#depth === 0 && this.#untimed === 0) {
      this.#until--;
      if (this.#until > 0) {
        this.#untimed = 1;
        return;
      }
      this.#weight = this.#every;
      if (this.#timed < TIMED_FIRST) this.#timed++;
      this.enter(task);
      this.#enteredMs = this.#sinceMs;
      this.#isSampled = true;
      return;
    }
    this.enter(task);
  }

  /** A task is called. @hot */
  enter(task: number): void {
    if (this.#untimed > 0) {
      this.#untimed++;
      return;
    }
    const nowMs = performance.now();
    if (this.#depth > 0) this.#add(nowMs);
    this.#stack[this.#depth++] = task;
    this.#sinceMs = nowMs;
  }

  /** It returns. @hot */
  leave(): void {
    if (this.#untimed > 0) {
      this.#untimed--;
      return;
    }
    const nowMs = performance.now();
    this.#add(nowMs);
    this.#depth--;
    this.#sinceMs = nowMs;
    if (this.#depth > 0) return;
    this.#weight = 1;
    if (!this.#isSampled) return;
    this.#isSampled = false;
    const isShort = nowMs - this.#enteredMs < SHORT_MS;
    this.#every = this.#timed < TIMED_FIRST ? 1 : isShort ? SAMPLED_SHORT : SAMPLED;
    this.#until = this.#draw();
  }

  /** Counts the time that has passed for the innermost task. @hot */
  #add(nowMs: number): void {
    this.#busyMs[this.#stack[this.#depth - 1]!]! += (nowMs - this.#sinceMs) * this.#weight;
  }

  /** From 1 on, {@link #every} on average: what comes every so many batches is not always missed. @hot */
  #draw(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) | 0;
    return 1 + (((this.#random >>> 16) * (2 * this.#every - 1)) >>> 16);
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
    this.#clock.enterSampled(this.#task);
    this.#target.accept(channel, batch);
    this.#clock.leave();
  }

  acceptWatermark(channel: number, watermarkUs: TimeUs): void {
    this.#clock.enterSampled(this.#task);
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
