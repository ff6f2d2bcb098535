/** Conversions between columns of numbers, on the selected rows. @module */

const WORD = 4294967296;

/** @hot int32 → float64 */
export function i32ToF64(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Int32Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]!;
  }
}

/** @hot int32 → int64 */
export function i32ToI64(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const value = a[row]!;
    out[2 * row] = value;
    out[2 * row + 1] = value >> 31;
  }
}

/** @hot int64 → float64, the nearest: the two halves are exact, so only their sum is rounded. */
export function i64ToF64(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Int32Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0);
  }
}

/**
 * @hot decimal → float64, the nearest, where the unscaled number is below 2^53; other rows are
 * written to `left`. `unit` is 10^scale, scale ≤ 18.
 */
export function decimalToF64(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Int32Array,
  left: Uint32Array,
  unit: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const unscaled = a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0);
    out[row] = unscaled / unit;
    left[leftCount] = row;
    leftCount += +!(Math.abs(unscaled) < 9007199254740992);
  }
  return leftCount;
}

/** @hot int64 → int32; rows that don't fit are written to `left`. */
export function i64ToI32(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const low = a[2 * row]!;
    out[row] = low;
    left[leftCount] = row;
    leftCount += +(a[2 * row + 1]! !== low >> 31);
  }
  return leftCount;
}

/** @hot float64 → int32 towards zero; rows that don't fit are written to `left`. */
export function f64ToI32(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Float64Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const value = a[row]!;
    out[row] = value | 0;
    left[leftCount] = row;
    leftCount += +!(value > -2147483649 && value < 2147483648);
  }
  return leftCount;
}

/** @hot float64 → int64 towards zero, where below 2^53; other rows are written to `left`. */
export function f64ToI64(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Float64Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const whole = Math.trunc(a[row]!);
    out[2 * row] = whole | 0;
    out[2 * row + 1] = Math.floor(whole / WORD);
    left[leftCount] = row;
    leftCount += +!(Math.abs(whole) < 9007199254740992);
  }
  return leftCount;
}
