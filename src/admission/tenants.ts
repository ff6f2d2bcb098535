/** What tenants get of a capacity that is too small for all of them. @module */

/**
 * Shares by weighted max-min: everybody gets what he asks for, or as much for his weight as anybody
 * whose wish is not granted.
 *
 * @param shares - where the shares go, one for each demand
 * @returns what each unit of weight gets; Infinity if all wishes are granted
 */
export function fillShares(
  demands: Float64Array,
  weights: Float64Array,
  capacity: number,
  shares: Float64Array,
): number {
  shares.set(demands);
  let left = capacity;
  let weight = 0;
  let wishes = 0;
  for (let i = 0; i < demands.length; i++) {
    wishes += demands[i]!;
    if (demands[i]! > 0) weight += weights[i]!;
  }
  if (wishes <= capacity) return Infinity;
  // Those who ask for least for their weight are served first; what they leave goes to the others.
  let level = 0;
  for (let granted = 0; granted < demands.length; granted++) {
    const next = nextLevel(demands, weights, level);
    if (next === Infinity) return Infinity;
    if ((next - level) * weight > left) {
      level += left / weight;
      for (let i = 0; i < demands.length; i++) {
        shares[i] = Math.min(demands[i]!, level * weights[i]!);
      }
      return level;
    }
    left -= (next - level) * weight;
    level = next;
    for (let i = 0; i < demands.length; i++) {
      const wish = demands[i]! / weights[i]!;
      if (wish > 0 && wish === next) weight -= weights[i]!;
    }
  }
  return Infinity;
}

/** The smallest demand for its weight above a level. */
function nextLevel(demands: Float64Array, weights: Float64Array, level: number): number {
  let next = Infinity;
  for (let i = 0; i < demands.length; i++) {
    const wish = demands[i]! / weights[i]!;
    if (wish > level && wish < next) next = wish;
  }
  return next;
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
