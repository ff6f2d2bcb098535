/** What one more core like a worker's would bring: over the last second, and since the start. @module */

/** How often it is worked out, for each 64 lanes: it takes the longer, the more there are. */
const EVERY_MS = 100;
const LANES = 64;

/** Adds up samples of value a second. */
export class CoreValue {
  /** Value a second, over the last second, or at the last look if that was longer ago. */
  perSecond = 0;
  /** Value, since the start. */
  total = 0;
  readonly #everyMs: number;
  readonly #samples: Float64Array;
  #next = 0;
  #sampledMs = Number.NaN;

  /** @param lanes - that what is offered comes in */
  constructor(lanes: number) {
    this.#everyMs = EVERY_MS * Math.max(1, Math.ceil(lanes / LANES));
    this.#samples = new Float64Array(Math.max(1, Math.round(1000 / this.#everyMs)));
  }

  /** Whether a sample is due. @hot */
  isDue(nowMs: number): boolean {
    return !(nowMs - this.#sampledMs < this.#everyMs);
  }

  /**
   * Takes a sample.
   *
   * @param perMs - value that one more core would bring in a millisecond
   */
  add(nowMs: number, perMs: number): void {
    const passedMs = Number.isNaN(this.#sampledMs) ? 0 : nowMs - this.#sampledMs;
    this.#sampledMs = nowMs;
    this.total += perMs * passedMs;
    // After a pause there is nothing to say of samples that were not taken.
    const samples = this.#samples;
    const missed = Math.round(passedMs / this.#everyMs);
    for (let i = 0; i < Math.min(samples.length, Math.max(1, missed)); i++) {
      samples[this.#next] = 1000 * perMs;
      this.#next = (this.#next + 1) % samples.length;
    }
    this.perSecond = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  }
}
