/**
 * What rows of each class cost, from how long slices of mixed rows took.
 *
 * The time of a slice is dealt out to its rows by what was expected of their classes, so that a class with more
 * rows in slow slices than in others comes to cost more (the multiplicative update of Richardson and
 * Lucy). Costs stay positive and bounded, however noisy the clock is. What is known of a class that
 * does not come any more is forgotten, and it costs what others do: else a class that was once thought dear
 * would be shed for ever, and nobody would find out.
 *
 * @module
 */

/** What was learnt so many slices ago weighs a third. */
const MEMORY_SLICES = 2000;
/** A class is worth looking at when it has this share of the rows; of rarer ones the mean says more. */
const PRIOR_SHARE = 0.02;

/** Milliseconds of a row, by class. */
export class ClassCosts {
  readonly #rows: Float64Array;
  readonly #ms: Float64Array;
  #allRows = 0;
  #allMs = 0;

  /** @param classes - how many there can be */
  constructor(classes: number) {
    this.#rows = new Float64Array(classes);
    this.#ms = new Float64Array(classes);
  }

  /** Milliseconds of a row of a class; of a class of which little is known nearly the mean. @hot */
  rowMs(classNumber: number): number {
    if (this.#allRows === 0) return 0;
    const mean = this.#allMs / this.#allRows;
    const prior = PRIOR_SHARE * this.#allRows;
    return (this.#ms[classNumber]! + prior * mean) / (this.#rows[classNumber]! + prior);
  }

  /**
   * Learns from a slice.
   *
   * @param counts - rows of each of the first `classes` classes in it
   * @hot
   */
  learn(counts: Float64Array, classes: number, tookMs: number): void {
    let expectedMs = 0;
    let rows = 0;
    for (let c = 0; c < classes; c++) {
      const count = counts[c]!;
      if (count === 0) continue;
      rows += count;
      expectedMs += count * (this.#allRows === 0 ? 1 : this.rowMs(c));
    }
    if (rows === 0) return;
    const ratio = tookMs / expectedMs;
    for (let c = 0; c < classes; c++) {
      const count = counts[c]!;
      const ms = count === 0 ? 0 : count * ratio * (this.#allRows === 0 ? 1 : this.rowMs(c));
      this.#rows[c] = this.#rows[c]! * KEEP + count;
      this.#ms[c] = this.#ms[c]! * KEEP + ms;
    }
    this.#allRows = this.#allRows * KEEP + rows;
    this.#allMs = this.#allMs * KEEP + tookMs;
  }
}

const KEEP = 1 - 1 / MEMORY_SLICES;
