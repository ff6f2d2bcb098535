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
  readonly counts: Int32Array;
  readonly values: Float64Array;
  /** A second place for each, for every other row. */
  readonly oddCounts: Int32Array;
  readonly oddValues: Float64Array;

  constructor(lanes: number) {
    this.counts = new Int32Array(lanes);
    this.values = new Float64Array(lanes);
    this.oddCounts = new Int32Array(lanes);
    this.oddValues = new Float64Array(lanes);
  }

  /** Adds what is in the second places to the first. @hot */
  foldOdd(): void {
    const { counts, values, oddCounts, oddValues } = this;
    for (let lane = 0; lane < counts.length; lane++) {
      counts[lane] = counts[lane]! + oddCounts[lane]!;
      values[lane] = values[lane]! + oddValues[lane]!;
      oddCounts[lane] = 0;
      oddValues[lane] = 0;
    }
  }

  /** Whether no value was infinite or not a number. @hot */
  isFinite(): boolean {
    let sum = 0;
    for (let lane = 0; lane < this.values.length; lane++) sum += this.values[lane]!;
    return sum - sum === 0;
  }

  /** Adds a row. @hot */
  add(lane: number, value: number): void {
    this.counts[lane] = this.counts[lane]! + 1;
    // Not a number and infinities have no difference that is zero.
    if (value - value === 0) this.values[lane] = this.values[lane]! + value;
  }

  /** Adds rows of a lane. @hot */
  addMany(lane: number, count: number, value: number): void {
    this.counts[lane] = this.counts[lane]! + count;
    this.values[lane] = this.values[lane]! + value;
  }

  /** Folds the batch into a tally and forgets it. @hot */
  foldInto(tally: Tally): void {
    const { counts, values } = this;
    for (let lane = 0; lane < counts.length; lane++) {
      if (counts[lane] === 0) continue;
      tally.add(lane, counts[lane]!, values[lane]!);
      counts[lane] = 0;
      values[lane] = 0;
    }
  }

  /** Folds what is here and not in `less` into a tally. @hot */
  foldDifferenceInto(tally: Tally, less: BatchTally): void {
    const { counts, values } = this;
    for (let lane = 0; lane < counts.length; lane++) {
      const count = counts[lane]! - less.counts[lane]!;
      if (count > 0) tally.add(lane, count, values[lane]! - less.values[lane]!);
    }
  }

  /** Adds what is in another. @hot */
  addAll(other: BatchTally): void {
    const { counts, values } = this;
    for (let lane = 0; lane < counts.length; lane++) {
      counts[lane] = counts[lane]! + other.counts[lane]!;
      values[lane] = values[lane]! + other.values[lane]!;
    }
  }

  /** @hot */
  clear(): void {
    this.counts.fill(0);
    this.values.fill(0);
  }
}
