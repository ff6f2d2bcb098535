/** Watermarks behind rows that are kept. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';

const FIRST_EPOCHS = 16;

/**
 * Holds watermarks back: one is passed on when all rows have left that came before it and were on time.
 *
 * Rows between two watermarks are of one *epoch*, whose rows are counted.
 */
export class HeldWatermark {
  /** By epoch, modulo their length: rows still kept, and the watermark that came behind them. */
  #counts = new Int32Array(FIRST_EPOCHS);
  #marks = new Float64Array(FIRST_EPOCHS);
  #first = 0;
  #current = 0;

  /** A row came that is kept; the number of its epoch, modulo 2^32. */
  hold(): number {
    const at = this.#current & (this.#counts.length - 1);
    this.#counts[at] = this.#counts[at]! + 1;
    return this.#current;
  }

  /** A row of an epoch has left. */
  letGo(epoch: number): void {
    const at = epoch & (this.#counts.length - 1);
    this.#counts[at] = this.#counts[at]! - 1;
  }

  /** A watermark came. */
  raise(watermarkUs: TimeUs): void {
    const mask = this.#counts.length - 1;
    if (this.#current !== this.#first && this.#counts[this.#current & mask] === 0) {
      // No row has come since the last one.
      this.#marks[(this.#current - 1) & mask] = watermarkUs;
      return;
    }
    this.#marks[this.#current & mask] = watermarkUs;
    if (this.#current - this.#first === mask) this.#grow();
    this.#current++;
    this.#counts[this.#current & (this.#counts.length - 1)] = 0;
  }

  /** Takes the last watermark that can be passed on; `undefined`: none that is new. */
  take(): TimeUs | undefined {
    const mask = this.#counts.length - 1;
    let watermarkUs: TimeUs | undefined;
    while (this.#first !== this.#current && this.#counts[this.#first & mask] === 0) {
      watermarkUs = this.#marks[this.#first & mask]!;
      this.#first++;
    }
    return watermarkUs;
  }

  *state(io: StateIo): Steps {
    this.#counts = yield* io.ints(this.#counts);
    this.#marks = yield* io.floats(this.#marks);
    this.#first = io.float(this.#first);
    this.#current = io.float(this.#current);
  }

  #grow(): void {
    const [counts, marks] = [this.#counts, this.#marks];
    const mask = counts.length - 1;
    const larger = new Int32Array(2 * counts.length);
    const marksLarger = new Float64Array(2 * counts.length);
    for (let epoch = this.#first; epoch <= this.#current; epoch++) {
      larger[epoch & (larger.length - 1)] = counts[epoch & mask]!;
      marksLarger[epoch & (larger.length - 1)] = marks[epoch & mask]!;
    }
    this.#counts = larger;
    this.#marks = marksLarger;
  }
}
