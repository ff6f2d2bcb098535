/**
 * Event time: windows, watermarks, and how late a row is.
 *
 * Watermark W of a stream: no later row has an event time below W unless it is flagged late. It only
 * rises. `-Infinity` before anything is known, `Infinity` when nothing more will come.
 *
 * @module
 */

import type { StateIo } from './state-io.ts';
import type { DurationUs, TimeUs } from './units.ts';

/** Largest event time, in magnitude: exact in a JavaScript number. */
export const MAX_TIME_US = Number.MAX_SAFE_INTEGER;

/** Whether a number of microseconds can be an event time. */
export function isEventTime(timeUs: number): boolean {
  return timeUs >= -MAX_TIME_US && timeUs <= MAX_TIME_US;
}

/**
 * Watermark of one source with bounded disorder: the largest event time seen − lateness.
 *
 * Lateness of a row is judged once, here, against the watermark just before the row; so it depends
 * neither on batch edges nor on the number of workers.
 */
export class BoundedDisorder {
  readonly latenessUs: DurationUs;
  #watermarkUs: TimeUs = -Infinity;

  constructor(latenessUs: DurationUs) {
    this.latenessUs = latenessUs;
  }

  /** The watermark after all rows judged so far. */
  get watermarkUs(): TimeUs {
    return this.#watermarkUs;
  }

  /**
   * Takes note of the next row.
   *
   * @returns how far the watermark stood beyond the row: 0 when on time
   */
  judge(timeUs: TimeUs): DurationUs {
    const lateByUs = this.#watermarkUs - timeUs;
    this.raise(timeUs - this.latenessUs);
    return lateByUs > 0 ? lateByUs : 0;
  }

  /** For code that judges many rows by itself: the watermark is at least this. */
  raise(watermarkUs: TimeUs): void {
    if (watermarkUs > this.#watermarkUs) this.#watermarkUs = watermarkUs;
  }
}

/**
 * The watermark of several inputs together: the least of theirs.
 *
 * It never falls, but for one case: from `Infinity`, when all inputs were idle and one speaks again.
 */
export class WatermarkMerge {
  readonly #inputs: Float64Array;
  #mergedUs = -Infinity;

  constructor(inputs: number) {
    this.#inputs = new Float64Array(inputs).fill(-Infinity);
  }

  get mergedUs(): TimeUs {
    return this.#mergedUs;
  }

  /** The watermark of one input. */
  inputUs(input: number): TimeUs {
    return this.#inputs[input]!;
  }

  /**
   * Sets the watermark of one input, which may fall: an idle input stands at `Infinity` until it
   * speaks again.
   *
   * @returns true when the merged watermark changed
   */
  update(input: number, watermarkUs: TimeUs): boolean {
    this.#inputs[input] = watermarkUs;
    let least = Infinity;
    for (let i = 0; i < this.#inputs.length; i++) {
      if (this.#inputs[i]! < least) least = this.#inputs[i]!;
    }
    if (least <= this.#mergedUs && this.#mergedUs !== Infinity) return false;
    if (least === this.#mergedUs) return false;
    this.#mergedUs = least;
    return true;
  }

  /** See {@link StateIo}. */
  state(io: StateIo): void {
    for (let i = 0; i < this.#inputs.length; i++) this.#inputs[i] = io.float(this.#inputs[i]!);
    this.#mergedUs = io.float(this.#mergedUs);
  }
}
