/**
 * Zipf's distribution by rejection-inversion (W. Hörmann, G. Derflinger, 1996): no table, whatever
 * the number of ranks, and fewer than 1.2 tries on average.
 *
 * @module
 */

import type { RandomStream } from './random.ts';

/** Draws ranks 1 … n, rank k in proportion to k^−s. */
export class Zipf {
  readonly #n: number;
  readonly #s: number;
  readonly #integralFirst: number;
  readonly #integralLast: number;
  readonly #shortcut: number;

  /** @param s - exponent, ≥ 0; 0 is uniform */
  constructor(n: number, s: number) {
    this.#n = n;
    this.#s = s;
    this.#integralFirst = this.#integral(1.5) - 1;
    this.#integralLast = this.#integral(n + 0.5);
    this.#shortcut = 2 - this.#inverse(this.#integral(2.5) - this.#density(2));
  }

  draw(random: RandomStream): number {
    for (;;) {
      const span = this.#integralFirst - this.#integralLast;
      const u = this.#integralLast + random.unit() * span;
      const x = this.#inverse(u);
      const rank = Math.min(Math.max(Math.floor(x + 0.5), 1), this.#n);
      if (rank - x <= this.#shortcut) return rank;
      if (u >= this.#integral(rank + 0.5) - this.#density(rank)) return rank;
    }
  }

  /** x^−s. */
  #density(x: number): number {
    return Math.exp(-this.#s * Math.log(x));
  }

  /** The integral of the density, up to a constant: (x^(1−s) − 1) / (1−s), ln x where s is 1. */
  #integral(x: number): number {
    const log = Math.log(x);
    return expm1Ratio((1 - this.#s) * log) * log;
  }

  #inverse(y: number): number {
    const t = Math.max(y * (1 - this.#s), -1);
    return Math.exp(log1pRatio(t) * y);
  }
}

/** (e^x − 1) / x, also near 0. */
function expm1Ratio(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + (x / 2) * (1 + x / 3);
}

/** ln(1 + x) / x, also near 0. */
function log1pRatio(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x * (1 / 2 - x / 3);
}
