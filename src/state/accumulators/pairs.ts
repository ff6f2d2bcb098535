/** Exact sums and products of two floats, as pairs of a float and its rounding error. @module */

/** 2^27 + 1: splits 53 digits into 26 and 27. */
const SPLITTER = 134217729;

/** The result of the last call: nothing is allocated. */
export const pair = { high: 0, low: 0 };

/** Knuth's two-sum. @hot */
export function addTwo(a: number, b: number): void {
  const sum = a + b;
  const part = sum - a;
  pair.high = sum;
  pair.low = a - (sum - part) + (b - part);
}

/** Dekker's two-product; the error of an infinite product is NaN. @hot */
export function multiplyTwo(a: number, b: number): void {
  const product = a * b;
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  pair.high = product;
  pair.low = aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
