/**
 * Random numbers that depend on nothing but seed, stream and row, so that a row can be made again
 * and any row can be made first.
 *
 * A draw is the row number put through two rounds of a 32-bit mixer (`lowbias32` by C. Wellons),
 * each with a key of its own; the second round takes in which of the row's draws it is.
 *
 * @module
 */

const TWO_53 = 9007199254740992;
const GOLDEN = 0x9e3779b9;

/** Spreads every bit of a 32-bit number over all of them. @hot */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** One stream of random numbers. */
export class RandomStream {
  readonly #keyA: number;
  readonly #keyB: number;
  #rowHash = 0;
  #draw = 0;

  /**
   * @param seed - of the whole source
   * @param name - of the column
   * @param index - which of the column's streams this is
   */
  constructor(seed: number, name: string, index: number) {
    let hash = mix(seed ^ GOLDEN);
    for (let i = 0; i < name.length; i++) hash = mix(hash ^ name.charCodeAt(i)) + i;
    this.#keyA = mix(hash ^ Math.imul(index + 1, GOLDEN));
    this.#keyB = mix(this.#keyA ^ seed) ^ hash;
  }

  /** The keys of its two rounds, for rows below 2^32: see `run-kernels.ts`. */
  get keys(): { readonly keyA: number; readonly keyB: number } {
    return { keyA: this.#keyA, keyB: this.#keyB };
  }

  /** Goes to the first draw of a row. @hot */
  begin(row: number): void {
    const high = Math.floor(row / 4294967296);
    this.#rowHash = mix((row | 0) ^ this.#keyA) ^ Math.imul(high, 0x85ebca6b);
    this.#draw = 0;
  }

  /** 32 random bits, as a number ≥ 0. @hot */
  bits(): number {
    this.#draw = (this.#draw + GOLDEN) | 0;
    return mix((this.#rowHash + this.#keyB) ^ this.#draw) >>> 0;
  }

  /** A number in `0 ≤ x < 1` with 53 random bits. @hot */
  unit(): number {
    const high = this.bits() >>> 5;
    return (high * 67108864 + (this.bits() >>> 6)) / TWO_53;
  }
}
