/**
 * Beginnings of windows over a value: `origin + k · slide` for whole k, as floats compute it. What
 * divisions say is corrected by that, so that windows lie side by side without a gap.
 *
 * @module
 */

/** The largest k with `origin + k · slide <= value`. */
export function gridFloor(value: number, origin: number, slide: number): number {
  let k = Math.floor((value - origin) / slide);
  while (origin + k * slide > value) k--;
  while (origin + (k + 1) * slide <= value) k++;
  return k;
}

/** The least k with `origin + k · slide + size > value`. */
export function firstOpenAt(value: number, origin: number, slide: number, size: number): number {
  let k = Math.floor((value - size - origin) / slide) + 1;
  while (origin + k * slide + size <= value) k++;
  while (origin + (k - 1) * slide + size > value) k--;
  return k;
}

/** The least `origin + k · step` beyond `value`, of a step that may be infinite. */
export function nextMultiple(value: number, origin: number, step: number): number {
  if (step === Infinity) return Infinity;
  return origin + (gridFloor(value, origin, step) + 1) * step;
}
