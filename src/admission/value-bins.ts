/**
 * Values as bins: 16 to an octave, from the high word of the float64, without a logarithm.
 *
 * ```
 *   bin     0      zero, negative, not a number, or below 2^-24
 *   bin  1…1022    values from 2^-24 to about 10^12, each bin 4.4 % wide at most
 *   bin  1023      never dropped: positive infinity
 * ```
 *
 * A *position* is a threshold as a number of bins with a fraction: bins above its whole part are
 * kept, and of the bin that it lies in the part above the fraction. Positions grow with thresholds,
 * and are piecewise linear in them, as bins are in values.
 *
 * @module
 */

/** Number of bins. */
export const BINS = 1024;
/** The bin of rows that are never dropped. */
export const NEVER_DROPPED = BINS - 1;
/** Values are shifted by it: what is left of the high word is exponent and four bits of the mantissa. */
const SHIFT = 16;
/** Smallest value with a bin of its own, 2^-24. */
const SMALLEST = 2 ** -24;
/** The high word of the smallest value, shifted, less one: it has bin 1. */
const BASE = ((1023 - 24) << 4) - 1;
const POSITIVE_INFINITY = 0x7ff00000;
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** Which word of a float64 is the high one. */
export const HIGH_WORD = LITTLE_ENDIAN ? 1 : 0;

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/**
 * The bin of a value by the high word of its float64.
 *
 * @param high - unsigned, or signed: only its bits matter
 * @hot
 */
export function binOfHighWord(high: number): number {
  const bin = (high >>> SHIFT) - BASE;
  // Unsigned, so that bins below 0 are above as well.
  return bin >>> 0 < NEVER_DROPPED && bin !== 0 ? bin : binAtTheEdge(high >>> 0);
}

/** The part of a high word that a bin is made of: it grows with values that are not negative. @hot */
export function highPart(high: number): number {
  return high >>> SHIFT;
}

/** What {@link highPart} is at least for values of a bin or a higher one; 0 for bin 0. @hot */
export function highPartOfBin(bin: number): number {
  return bin < 1 ? 0 : bin + BASE;
}

/** The bin of what has no bin between: small, negative, huge, infinite, not a number. */
function binAtTheEdge(high: number): number {
  if (high === POSITIVE_INFINITY) return NEVER_DROPPED;
  // Sign bit, and not a number.
  if (high > POSITIVE_INFINITY) return 0;
  return high >>> SHIFT <= BASE ? 0 : NEVER_DROPPED - 1;
}

/** The bin of a value. */
export function binOf(value: number): number {
  scratch[0] = value;
  return binOfHighWord(scratchWords[HIGH_WORD]!);
}

/** The position of a threshold: 0 keeps everything, 1023 only what is never dropped. */
export function positionOf(threshold: number): number {
  if (!(threshold > 0)) return 0;
  if (threshold < SMALLEST) return threshold / SMALLEST;
  scratch[0] = threshold;
  const high = scratchWords[HIGH_WORD]!;
  const low = scratchWords[1 - HIGH_WORD]!;
  return Math.min(NEVER_DROPPED, (high + low / 2 ** 32) / 2 ** SHIFT - BASE);
}

/** The threshold at a position: the inverse of {@link positionOf}. */
export function thresholdAt(position: number): number {
  if (position <= 0) return 0;
  if (position < 1) return position * SMALLEST;
  const words = (position + BASE) * 2 ** SHIFT;
  const high = Math.floor(words);
  scratchWords[HIGH_WORD] = high;
  scratchWords[1 - HIGH_WORD] = (words - high) * 2 ** 32;
  return scratch[0]!;
}
