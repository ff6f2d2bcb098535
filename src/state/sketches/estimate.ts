/**
 * The estimator of HyperLogLog: how many distinct hashes went into registers.
 *
 * Ertl's improved estimator (New cardinality estimation algorithms for HyperLogLog sketches, 2017): without
 * tables of corrections, with a standard error of 1.04/√m for any number of values. It counts hashes; how many
 * values there are behind those, of which some have the same hash of 32 bits, is put right in the end.
 *
 * @module
 */

/** Bits of a hash that choose a register. */
export const INDEX_BITS = 12;

/** Registers of a sketch: a byte each. */
export const REGISTERS = 1 << INDEX_BITS;

/** Bits of a hash behind those of the register. */
const RANK_BITS = 32 - INDEX_BITS;

/** The register of a hash. */
export function registerOf(hash: number): number {
  return hash >>> RANK_BITS;
}

/** What a register is raised to: where the first 1 of the other bits is, from 1. */
export function rankOf(hash: number): number {
  return Math.clz32((hash << INDEX_BITS) | (1 << (INDEX_BITS - 1))) + 1;
}

const counts = new Int32Array(RANK_BITS + 2);

/** Estimates from the registers `bytes[at .. at + REGISTERS)`. */
export function estimateHashes(bytes: Uint8Array, at: number): number {
  counts.fill(0);
  for (let r = at; r < at + REGISTERS; r++) counts[bytes[r]!]!++;
  let z = REGISTERS * tau(1 - counts[RANK_BITS + 1]! / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + counts[rank]!);
  z += REGISTERS * sigma(counts[0]! / REGISTERS);
  return (REGISTERS * REGISTERS) / (2 * Math.LN2 * z);
}

/** How many values have so many different hashes of 32 bits, as far as one can tell. */
export function valuesBehind(hashes: number): number {
  const share = Math.min(hashes / 2 ** 32, 1 - 2 ** -20);
  return -(2 ** 32) * Math.log1p(-share);
}

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let [x, y, z, before] = [share, 1, share, -1];
  while (z !== before) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [x, y, z, before] = [share, 1, 1 - share, -1];
  while (z !== before) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
