/** What one more core like a worker's would bring: over the last second, and since the start. @module */

/** How often it is worked out. */
export const CORE_VALUE_MS = 100;
/** As many make a second. */
const SAMPLES = 10;

/** Adds up samples of value a second. */
export class CoreValue {
  /** Value a second, over the last second. */
  perSecond = 0;
  /** Value, since the start. */
  total = 0;
  readonly #samples = new Float64Array(SAMPLES);
  #next = 0;
  #sampledMs = Number.NaN;

  /** Whether a sample is due. @hot */
  isDue(nowMs: number): boolean {
    return !(nowMs - this.#sampledMs < CORE_VALUE_MS);
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
    const samples = Math.min(SAMPLES, Math.max(1, Math.round(passedMs / CORE_VALUE_MS)));
    for (let i = 0; i < samples; i++) {
      this.#samples[this.#next] = 1000 * perMs;
      this.#next = (this.#next + 1) % SAMPLES;
    }
    let sum = 0;
    for (let i = 0; i < SAMPLES; i++) sum += this.#samples[i]!;
    this.perSecond = sum / SAMPLES;
  }
}
