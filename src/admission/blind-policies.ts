/**
 * Policies that do not look at values: what Yahoo! S4 had, random dropping, and CoDel.
 *
 * Each decides on rows as they come, or as they are taken. Rows that are never dropped are the
 * business of the caller.
 *
 * @module
 */

import { hash32 } from './dither.ts';

/** Rows that a queue holds in S4 before it drops. */
export const S4_QUEUE_ROWS = 10_000;
/** Rows a second that a throttled sender of S4 lets through. */
export const S4_MAX_RATE = 200_000;

/** Drops what does not fit into a queue of a number of rows, and only then. */
export class DropTail {
  readonly queueRows: number;

  constructor(queueRows = S4_QUEUE_ROWS) {
    this.queueRows = queueRows;
  }

  /** How many of some rows, from the first on, go into a queue in which others wait. @hot */
  admitted(count: number, waitingRows: number): number {
    return Math.max(0, Math.min(count, this.queueRows - waitingRows));
  }
}

/** Lets a number of rows a second through and drops the others: a bucket that fills evenly. */
export class Throttle {
  readonly maxRate: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs = Number.NaN;

  /**
   * @param maxRate - rows a second
   * @param burstMs - rows of so much time may come at once
   */
  constructor(maxRate = S4_MAX_RATE, burstMs = 10) {
    this.maxRate = maxRate;
    this.#burst = Math.max(1, (maxRate * burstMs) / 1000);
    this.#tokens = this.#burst;
  }

  /** How many of some rows, from the first on, are let through. @hot */
  admitted(nowMs: number, count: number): number {
    if (nowMs > this.#filledMs) {
      const filled = ((nowMs - this.#filledMs) * this.maxRate) / 1000;
      this.#tokens = Math.min(this.#burst, this.#tokens + filled);
    }
    this.#filledMs = nowMs;
    const passed = Math.min(count, Math.floor(this.#tokens));
    this.#tokens -= passed;
    return passed;
  }
}

/** Drops each row with the same probability: as many as there is too much work. */
export class RandomDrop {
  /** The fraction that is kept. */
  fraction = 1;
  readonly #gateMs: number;
  readonly #targetMs: number;
  readonly #horizonMs: number;
  #isOn = false;

  /** @param gateMs - nothing is dropped before so much work waits */
  constructor(gateMs: number, horizonMs = 20) {
    this.#gateMs = gateMs;
    this.#targetMs = gateMs / 2;
    this.#horizonMs = horizonMs;
  }

  /**
   * Sets the fraction anew, every few milliseconds.
   *
   * @param backlogMs - work that waits, in milliseconds of the worker
   * @param load - work offered in a millisecond over what the worker does in it
   */
  update(backlogMs: number, load: number): void {
    if (backlogMs > this.#gateMs) this.#isOn = true;
    else if (backlogMs < 0.1 * this.#gateMs && load < 0.97) this.#isOn = false;
    const wanted = (1 + (this.#targetMs - backlogMs) / this.#horizonMs) / load;
    this.fraction = this.#isOn && load > 0 ? Math.min(1, Math.max(0, wanted)) : 1;
  }

  /** Whether the row of a sequence number is kept. @hot */
  keeps(sequence: number): boolean {
    return hash32(sequence) < this.fraction * 2 ** 32;
  }
}

/**
 * Drops rows that have waited long, while the queue does not empty: CoDel as servers use it.
 *
 * If no row of an interval has waited less than the target, the queue stands; then what has waited
 * twice as long is dropped when it is taken.
 */
export class Codel {
  readonly targetMs: number;
  readonly intervalMs: number;
  #startedMs = Number.NaN;
  #leastMs = Infinity;
  #isStanding = false;

  constructor(targetMs = 5, intervalMs = 100) {
    this.targetMs = targetMs;
    this.intervalMs = intervalMs;
  }

  /** Whether rows that are taken now, having waited so long, are dropped. @hot */
  drops(nowMs: number, waitedMs: number): boolean {
    if (Number.isNaN(this.#startedMs)) this.#startedMs = nowMs;
    if (nowMs - this.#startedMs >= this.intervalMs) {
      this.#isStanding = this.#leastMs > this.targetMs;
      this.#startedMs = nowMs;
      this.#leastMs = Infinity;
    }
    this.#leastMs = Math.min(this.#leastMs, waitedMs);
    return this.#isStanding && waitedMs > 2 * this.targetMs;
  }
}
