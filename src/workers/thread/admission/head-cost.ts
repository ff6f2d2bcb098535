/** What rows cost at a head, measured. @module */

import { SeqlockWriter, type SeqlockAddress } from '../../../ringbuf/index.ts';
import { COST_WORDS, costWord, MAX_CLASSES } from '../../protocol-admission.ts';
import { ClassCosts } from './class-costs.ts';

/** Slices before anything is believed: code is compiled, pages are touched. */
const WARM_UP = 10;
/** What was measured so many slices ago, or so many milliseconds of work, weighs a third. */
const MEMORY_SLICES = 100;
const MEMORY_MS = 100;
/** A slice that takes so many times what was expected was interrupted. */
const INTERRUPTED = 4;
/** As many in a row were not. */
const BELIEVED = 3;
/** Costs of classes are told apart by slices that are so far apart, or it would cost too much itself. */
const LEARN_EVERY_MS = 0.25;
/** A slice that is given while the cost is not known. */
const MOST_FIRST_ROWS = 64;

/** Milliseconds of work of a row, as a mean and by class. One for each head of a worker. */
export class HeadCost {
  /** Milliseconds of a row; 0 while nothing is known. */
  meanMs = 0;
  /** What rows cost is known for the first time, and has not been told. */
  isNews = false;
  /** By class: milliseconds of a row. */
  readonly #classMs = new Float64Array(MAX_CLASSES);
  readonly #writer: SeqlockWriter;
  readonly #words = new Float64Array(COST_WORDS);
  readonly #costs = new ClassCosts(MAX_CLASSES);
  readonly #counts = new Float64Array(MAX_CLASSES);
  #classes = 1;
  #ms = 0;
  #rows = 0;
  #slices = 0;
  #leastMs = Infinity;
  #odd = 0;
  #learntMs = -Infinity;

  constructor(buffer: SharedArrayBuffer, address: SeqlockAddress) {
    this.#writer = new SeqlockWriter(buffer, address);
  }

  /** How many rows make a slice of so many milliseconds. @hot */
  rowsIn(sliceMs: number): number {
    if (this.meanMs > 0) return Math.max(1, sliceMs / this.meanMs);
    // From one row on, so that little is given blindly even if rows are dear.
    return this.#leastMs === Infinity
      ? 1
      : Math.max(1, Math.min(MOST_FIRST_ROWS, sliceMs / this.#leastMs));
  }

  /** Milliseconds of work of a row of a class, as it is told to others. @hot */
  classMs(classNumber: number): number {
    return this.#classMs[classNumber]!;
  }

  /** Counts by class, for {@link observe}; `undefined`: there is no need to count this time. @hot */
  countsFor(classes: number, nowMs: number): Float64Array | undefined {
    if (classes <= 1 || nowMs - this.#learntMs < LEARN_EVERY_MS) return undefined;
    this.#learntMs = nowMs;
    this.#classes = classes;
    this.#counts.fill(0);
    return this.#counts;
  }

  /**
   * Rows were worked on for so long.
   *
   * @param counts - those of {@link countsFor}, filled
   * @param slices - in so many
   * @hot
   */
  observe(
    rows: number,
    elapsedMs: number,
    counts: Float64Array | undefined,
    slices: number = 1,
  ): void {
    this.#slices++;
    if (this.#slices <= WARM_UP) {
      this.#leastMs = Math.min(this.#leastMs, elapsedMs / rows);
      if (this.#slices < WARM_UP) return;
      this.#rows = rows;
      this.#ms = this.#leastMs * rows;
      this.isNews = true;
    }
    const expectedMs = (this.#ms / this.#rows) * rows;
    const isOdd = elapsedMs > INTERRUPTED * expectedMs + 0.02;
    this.#odd = isOdd ? this.#odd + 1 : 0;
    const ms = isOdd && this.#odd < BELIEVED ? expectedMs : elapsedMs;
    const keep = Math.exp(-Math.max(ms / MEMORY_MS, slices / MEMORY_SLICES));
    this.#ms = this.#ms * keep + ms;
    this.#rows = this.#rows * keep + rows;
    this.meanMs = this.#ms / this.#rows;
    if (counts !== undefined) this.#costs.learn(counts, this.#classes, ms);
  }

  /** Tells the other workers. */
  publish(): void {
    this.isNews = false;
    const words = this.#words;
    words[0] = this.meanMs;
    for (let c = 0; c < MAX_CLASSES; c++) {
      const ms = this.#classes === 1 ? 0 : this.#costs.rowMs(c);
      this.#classMs[c] = ms === 0 ? this.meanMs : ms;
      words[costWord(c)] = ms;
    }
    this.#writer.write(words);
  }
}
