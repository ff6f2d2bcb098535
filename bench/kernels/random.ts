/** Random data, the same in every run. @module */

/** Numbers in [0, 1) with 32 random bits. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Whole numbers from 0 up to a bound, which it leaves out. */
export function randomIntegers(seed: number): (bound: number) => number {
  const random = randomNumbers(seed);
  return (bound) => Math.floor(random() * bound);
}

/** Exponent of the skewed distribution: YCSB's. */
const THETA = 0.99;

/**
 * Keys 0 … keys − 1, Zipf-distributed, by the method of Gray et al. (SIGMOD 1994). The frequent ones
 * are spread over all keys.
 */
export function zipfKeys(keys: number, random: () => number): () => number {
  let zeta = 0;
  for (let i = 1; i <= keys; i++) zeta += i ** -THETA;
  const zeta2 = 1 + 2 ** -THETA;
  const alpha = 1 / (1 - THETA);
  const eta = (1 - (2 / keys) ** (1 - THETA)) / (1 - zeta2 / zeta);
  return () => {
    const u = random();
    const z = u * zeta;
    const rank =
      z < 1
        ? 0
        : z < zeta2
          ? 1
          : Math.min(keys - 1, Math.floor(keys * (eta * u - eta + 1) ** alpha));
    // Odd and no multiple of 5: a permutation, as the numbers of keys are powers of ten.
    return (rank * 7_368_787) % keys;
  };
}

/** Keys 0 … keys − 1, all as likely. */
export function uniformKeys(keys: number, random: () => number): () => number {
  return () => Math.floor(random() * keys);
}
