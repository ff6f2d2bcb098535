/** Counts and values of rows by lane, for the ledger: values by sums that lose nothing. @module */

/**
 * Counts and values by lane.
 *
 * Values are added up within a batch as they come, and batches with the error of each addition kept
 * (Neumaier): of 10^12 rows the sum is right to 12 digits.
 */
export class Tally {
  readonly counts: Float64Array;
  readonly #sums: Float64Array;
  readonly #errors: Float64Array;

  constructor(lanes: number) {
    this.counts = new Float64Array(lanes);
    this.#sums = new Float64Array(lanes);
    this.#errors = new Float64Array(lanes);
  }

  /** Value of the rows of a lane. */
  value(lane: number): number {
    return this.#sums[lane]! + this.#errors[lane]!;
  }

  /** Adds rows of a batch. @hot */
  add(lane: number, count: number, value: number): void {
    this.counts[lane] = this.counts[lane]! + count;
    const sum = this.#sums[lane]!;
    const next = sum + value;
    const error = Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    this.#sums[lane] = next;
    this.#errors[lane] = this.#errors[lane]! + error;
  }

  /** Rows of all lanes. */
  get rows(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Value of all lanes. */
  get total(): number {
    let sum = 0;
    for (let lane = 0; lane < this.counts.length; lane++) sum += this.value(lane);
    return sum;
  }
}

/**
 * Counts and values of one batch by lane, to be folded into tallies.
 *
 * Values that are not finite, those of rows that are never dropped among them, count as zero.
 */
export class BatchTally {
  readonly #counts: Float64Array;
  readonly #values: Float64Array;
  readonly #touched: Int32Array;
  #touchedCount = 0;

  constructor(lanes: number) {
    this.#counts = new Float64Array(lanes);
    this.#values = new Float64Array(lanes);
    this.#touched = new Int32Array(lanes);
  }

  /** Adds a row. @hot */
  add(lane: number, value: number): void {
    const counts = this.#counts;
    if (counts[lane] === 0) this.#touched[this.#touchedCount++] = lane;
    counts[lane] = counts[lane]! + 1;
    // Not a number and infinities have no difference that is zero.
    if (value - value === 0) this.#values[lane] = this.#values[lane]! + value;
  }

  /** Folds the batch into a tally and forgets it. @hot */
  foldInto(tally: Tally): void {
    for (let i = 0; i < this.#touchedCount; i++) {
      const lane = this.#touched[i]!;
      tally.add(lane, this.#counts[lane]!, this.#values[lane]!);
      this.#counts[lane] = 0;
      this.#values[lane] = 0;
    }
    this.#touchedCount = 0;
  }
}
