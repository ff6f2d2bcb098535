/** `java.util.Random`, bit for bit. @module */

const MULTIPLIER_HIGH = 0x5de;
const MULTIPLIER_LOW = 0xece66d;
const INCREMENT = 0xb;
const MASK_24 = 0xffffff;

/**
 * The linear congruential generator of Java's library: 48 bits of state, kept as two halves of 24.
 */
export class JavaRandom {
  #high = 0;
  #low = 0;

  /** @param seed - a whole number from 0 to 2^48 − 1 */
  constructor(seed: number) {
    this.seed(seed);
  }

  /** Begins anew. */
  seed(seed: number): void {
    this.#low = (seed & MASK_24) ^ MULTIPLIER_LOW;
    this.#high = (Math.floor(seed / 0x1000000) & MASK_24) ^ MULTIPLIER_HIGH;
  }

  /** The upper `bits` (≤ 32) of the next state, as a signed 32-bit number. */
  #next(bits: number): number {
    const low = this.#low * MULTIPLIER_LOW + INCREMENT;
    const carry = Math.floor(low / 0x1000000);
    // Below 2^24 · 2^24 + 2^24 · 2^11 + 2^25: exact.
    const high = this.#high * MULTIPLIER_LOW + this.#low * MULTIPLIER_HIGH + carry;
    this.#low = low % 0x1000000;
    this.#high = high % 0x1000000;
    const upper = this.#high * 256 + (this.#low >>> 16);
    return bits === 32 ? upper | 0 : upper >>> (32 - bits);
  }

  /** Any 32 bits, signed. */
  nextInt(): number {
    return this.#next(32);
  }

  /** From 0 to `bound` − 1; `bound` from 1 to 2^31 − 1. */
  nextBelow(bound: number): number {
    if ((bound & (bound - 1)) === 0) return Math.floor((bound * this.#next(31)) / 0x80000000);
    for (;;) {
      const bits = this.#next(31);
      const value = bits % bound;
      // The last, incomplete stretch of `bound` numbers is not used.
      if (bits - value + (bound - 1) <= 0x7fffffff) return value;
    }
  }

  /** From 0, inclusive, to 1, exclusive, in steps of 2^-53. */
  nextDouble(): number {
    const upper = this.#next(26);
    return (upper * 0x8000000 + this.#next(27)) * 2 ** -53;
  }
}
