/** How long other work of the machine keeps a thread waiting. @module */

const STEPS = 200_000;
const MOST_SAMPLES = 100_000;

/** A loop whose time varies only with what else the machine does: it allocates nothing. */
export class Interruptions {
  readonly #wallMs = new Float64Array(MOST_SAMPLES);
  #samples = 0;
  #sum = 0;

  /** Runs the loop once. */
  sample(): void {
    const startMs = performance.now();
    for (let i = 0; i < STEPS; i++) this.#sum = (Math.imul(this.#sum, 31) + i) | 0;
    this.#wallMs[this.#samples++ % MOST_SAMPLES] = performance.now() - startMs;
  }

  /** The longest loop, less the shortest. */
  longestMs(): number {
    const walls = this.#wallMs.subarray(0, Math.min(this.#samples, MOST_SAMPLES));
    return walls.length === 0 ? 0 : walls.toSorted().at(-1)! - walls.toSorted()[0]!;
  }
}
