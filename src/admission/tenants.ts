/** What tenants get of a capacity that is too small for all of them. @module */

/**
 * Shares by weighted max-min: everybody gets what he asks for, or as much for his weight as anybody
 * whose wish is not granted.
 *
 * @param weights - greater than 0
 * @param shares - where the shares go, one for each demand
 * @returns what each unit of weight gets; Infinity if all wishes are granted
 * @hot
 */
export function fillShares(
  demands: Float64Array,
  weights: Float64Array,
  capacity: number,
  shares: Float64Array,
): number {
  let level = 0;
  for (;;) {
    // What those leave who ask for no more than their part goes to the others, so the level only rises.
    let left = capacity;
    let weight = 0;
    for (let i = 0; i < demands.length; i++) {
      if (demands[i]! <= level * weights[i]!) left -= demands[i]!;
      else weight += weights[i]!;
    }
    if (weight === 0) level = Infinity;
    if (weight === 0 || left / weight <= level) break;
    level = left / weight;
  }
  for (let i = 0; i < demands.length; i++) {
    shares[i] = level === Infinity ? demands[i]! : Math.min(demands[i]!, level * weights[i]!);
  }
  return level;
}

/** Jain's index of fairness: 1 if all get the same, 1/n if one gets everything. */
export function jainIndex(shares: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < shares.length; i++) {
    sum += shares[i]!;
    squares += shares[i]! ** 2;
  }
  return squares === 0 ? 1 : sum ** 2 / (shares.length * squares);
}
