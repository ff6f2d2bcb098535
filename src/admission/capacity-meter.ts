/**
 * How much a worker does in a millisecond, in its own estimate of work.
 *
 * What is measured is work as it was estimated, over time as it passed. So if rows cost more than
 * estimated, or other tasks take time on the worker, its capacity is lower by as much, and delays
 * that are computed with it are right all the same.
 *
 * @module
 */

/** Time over which one sample is taken. */
const WINDOW_MS = 5;
/** Weight of a sample. */
const WEIGHT = 0.25;
/** The same for what is sustained: a quarter of a second of work weighs two thirds. */
const SUSTAINED_WEIGHT = 0.02;
/** A gap between two calls that is longer than usual by that factor is a stall. */
const STALL_FACTOR = 4;
/** Shorter gaps are no stalls. */
const SHORTEST_STALL_MS = 2;

/** Measures the capacity of one worker, from busy times only. */
export class CapacityMeter {
  /** Milliseconds of estimated work done in a millisecond. */
  capacity: number;
  /** The same over a longer time: what a moment's standstill does not change. */
  sustained: number;
  /** Time lost in stalls so far. */
  stalledMs = 0;
  /** The longest of recent stalls; forgets a tenth with each new one. */
  stallMs = 0;
  #calledMs = Number.NaN;
  #wasBusy = false;
  #gapMs = 0.5;
  #windowMs = 0;
  #windowDoneMs = 0;
  #doneMs = 0;

  /** @param capacity - what is assumed before anything was measured */
  constructor(capacity = 1) {
    this.capacity = capacity;
    this.sustained = capacity;
  }

  /**
   * Before each slice of work.
   *
   * @param isBusy - whether work waits now
   * @param doneMs - estimated work done so far, ever
   * @returns the capacity
   * @hot
   */
  update(nowMs: number, isBusy: boolean, doneMs: number): number {
    const gapMs = nowMs - this.#calledMs;
    const done = doneMs - this.#doneMs;
    this.#calledMs = nowMs;
    this.#doneMs = doneMs;
    const wasBusy = this.#wasBusy;
    this.#wasBusy = isBusy;
    if (!(gapMs >= 0) || !wasBusy) {
      this.#windowMs = 0;
      this.#windowDoneMs = 0;
      return this.capacity;
    }
    this.#windowMs += this.#withoutStall(gapMs);
    this.#windowDoneMs += done;
    if (this.#windowMs >= WINDOW_MS) this.#take();
    return this.capacity;
  }

  /** A gap less what of it is a stall. @hot */
  #withoutStall(gapMs: number): number {
    const usual = Math.max(SHORTEST_STALL_MS, STALL_FACTOR * this.#gapMs);
    this.#gapMs += 0.02 * (Math.min(gapMs, usual) - this.#gapMs);
    if (gapMs <= usual) return gapMs;
    const stall = gapMs - this.#gapMs;
    this.stalledMs += stall;
    this.stallMs = Math.max(stall, 0.9 * this.stallMs);
    return this.#gapMs;
  }

  /** @hot */
  #take(): void {
    const sample = this.#windowDoneMs / this.#windowMs;
    // A fivefold jump within a window is no measurement.
    const bounded = Math.min(5 * this.capacity, Math.max(this.capacity / 5, sample));
    this.capacity += WEIGHT * (bounded - this.capacity);
    this.sustained += SUSTAINED_WEIGHT * (bounded - this.sustained);
    this.#windowMs = 0;
    this.#windowDoneMs = 0;
  }
}
