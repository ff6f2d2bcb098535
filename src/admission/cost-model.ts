/**
 * What a row of each lane costs, from how long slices of mixed rows took.
 *
 * A slice takes a fixed time and the sum over lanes of rows times their cost. The costs are found by
 * recursive least squares that forgets. A slice that takes many times what was expected was
 * interrupted: the excess counts as a stall and not as cost, unless the next ones take as long.
 *
 * @module
 */

/** What a slice weighs, compared with the next. */
const FORGETTING = 0.98;
/** What is expected may be passed by this factor, or it was a stall. */
const STALL_FACTOR = 4;
/** As many such slices in a row are no stalls. */
const BELIEVED = 3;
/** Uncertainty of a cost of which nothing is known, as a multiple of its first guess, squared. */
const PRIOR = 4;
/** Slices before anything is taken for a stall. */
const WARM_UP = 8;

/** Costs of rows by lane. One for each head of a worker. */
export class CostModel {
  /** Milliseconds a row, by lane. */
  readonly rowMs: Float64Array;
  /** Milliseconds a slice, beside its rows. */
  sliceMs = 0;
  /** Time taken beyond what rows can have cost. */
  stalledMs = 0;
  /** Slices seen. */
  slices = 0;
  #odd = 0;
  readonly #size: number;
  readonly #guessMs: number;
  /** Inverse of the weighted correlation of inputs, row by row. */
  readonly #spread: Float64Array;
  readonly #gain: Float64Array;
  readonly #input: Float64Array;
  readonly #seen: Uint8Array;

  /** @param guessMs - the cost of a row before anything was measured */
  constructor(lanes: number, guessMs: number) {
    this.#size = lanes + 1;
    this.#guessMs = guessMs;
    this.rowMs = new Float64Array(lanes).fill(guessMs);
    this.#spread = new Float64Array(this.#size * this.#size);
    this.#gain = new Float64Array(this.#size);
    this.#input = new Float64Array(this.#size);
    this.#seen = new Uint8Array(lanes);
    for (let i = 0; i < this.#size; i++) this.#spread[i * this.#size + i] = this.#prior(i);
  }

  /**
   * Learns from a slice.
   *
   * @param rows - rows of each lane in it
   * @param tookMs - how long it took
   * @hot
   */
  learn(rows: Float64Array, tookMs: number): void {
    const input = this.#input;
    const lanes = this.#size - 1;
    let total = 0;
    let expected = this.sliceMs;
    for (let lane = 0; lane < lanes; lane++) {
      const count = rows[lane]!;
      if (count > 0 && this.#seen[lane] === 0) this.#meet(lane);
      input[lane] = count;
      total += count;
      expected += count * this.rowMs[lane]!;
    }
    if (total === 0) return;
    input[lanes] = 1;
    const isOdd = this.slices++ >= WARM_UP && tookMs > STALL_FACTOR * expected;
    this.#odd = isOdd ? this.#odd + 1 : 0;
    if (isOdd && this.#odd < BELIEVED) this.stalledMs += tookMs - expected;
    else this.#correct(tookMs - expected);
  }

  /** A lane seen for the first time is taken for the mean of the others. @hot */
  #meet(lane: number): void {
    let sum = 0;
    let count = 0;
    for (let other = 0; other < this.rowMs.length; other++) {
      if (this.#seen[other] === 0) continue;
      sum += this.rowMs[other]!;
      count++;
    }
    if (count > 0) this.rowMs[lane] = sum / count;
    this.#seen[lane] = 1;
  }

  /** One step of recursive least squares. @hot */
  #correct(error: number): void {
    const size = this.#size;
    const spread = this.#spread;
    const input = this.#input;
    const gain = this.#gain;
    let denominator = FORGETTING;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += spread[i * size + j]! * input[j]!;
      gain[i] = sum;
      denominator += sum * input[i]!;
    }
    for (let i = 0; i < size; i++) {
      const step = gain[i]! / denominator;
      for (let j = 0; j < size; j++) {
        const cell = i * size + j;
        spread[cell] = (spread[cell]! - step * gain[j]!) / FORGETTING;
      }
      this.#move(i, step * error);
    }
    this.#bound();
  }

  /** @hot */
  #move(index: number, by: number): void {
    if (index === this.#size - 1) this.sliceMs = Math.max(0, this.sliceMs + by);
    else {
      const cost = this.rowMs[index]! + by;
      // A thousandth of the guess: costs are positive, however noisy the clock.
      this.rowMs[index] = Math.max(this.#guessMs / 1000, cost);
    }
  }

  /** What has not been seen for long is not known better than at first, nor worse. @hot */
  #bound(): void {
    const size = this.#size;
    for (let i = 0; i < size; i++) {
      const most = this.#prior(i);
      if (this.#spread[i * size + i]! <= most) continue;
      const scale = Math.sqrt(most / this.#spread[i * size + i]!);
      for (let j = 0; j < size; j++) {
        this.#spread[i * size + j] = this.#spread[i * size + j]! * scale;
        this.#spread[j * size + i] = this.#spread[j * size + i]! * scale;
      }
    }
  }

  /** Relative to the noise of a slice, taken as one guessed row in square. @hot */
  #prior(index: number): number {
    return index === this.#size - 1 ? 100 * PRIOR : PRIOR;
  }
}
