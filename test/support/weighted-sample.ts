/** What can be said of all rows by those that were kept, to compare with. @module */

/** The normal quantile of 97.5 %. */
const Z95 = 1.959963984540054;
/** With less than so many rows in effect, bounds are not to be relied on. */
const ENOUGH_ROWS = 30;

/** A number with its bounds. */
export interface Estimate {
  readonly value: number;
  /** Half the width of the interval that has the true value 95 times in 100. */
  readonly margin: number;
}

/**
 * Sum, count and mean of rows of which some were dropped by chance (Horvitz and Thompson): each row
 * that was kept stands for as many as its weight, one over its probability.
 *
 * Rows are dropped independently of one another. The estimates of sum and count have no bias; that
 * of the mean is the ratio of the two, with the variance of its linear part.
 */
export class WeightedSample {
  /** Rows kept. */
  rows = 0;
  #weights = 0;
  #squaredWeights = 0;
  #sum = 0;
  #countVariance = 0;
  #sumVariance = 0;
  #covariance = 0;

  /** Adds a row by its weight, at least 1. @hot */
  add(x: number, weight: number): void {
    const excess = weight * (weight - 1);
    this.rows++;
    this.#weights += weight;
    this.#squaredWeights += weight * weight;
    this.#sum += weight * x;
    this.#countVariance += excess;
    this.#covariance += excess * x;
    this.#sumVariance += excess * x * x;
  }

  /** As many rows of equal weight would be as good. */
  get effectiveRows(): number {
    return this.rows === 0 ? 0 : this.#weights ** 2 / this.#squaredWeights;
  }

  /** Whether the bounds can be relied on. */
  get isReliable(): boolean {
    return this.effectiveRows >= ENOUGH_ROWS;
  }

  get count(): Estimate {
    return { value: this.#weights, margin: Z95 * Math.sqrt(this.#countVariance) };
  }

  get sum(): Estimate {
    return { value: this.#sum, margin: Z95 * Math.sqrt(this.#sumVariance) };
  }

  get mean(): Estimate {
    const mean = this.#sum / this.#weights;
    const variance =
      this.#sumVariance - 2 * mean * this.#covariance + mean * mean * this.#countVariance;
    return { value: mean, margin: (Z95 * Math.sqrt(Math.max(0, variance))) / this.#weights };
  }
}
