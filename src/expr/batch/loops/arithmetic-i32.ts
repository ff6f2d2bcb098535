/**
 * int32 arithmetic on the selected rows, none of them null. A row whose result does not fit, or that
 * has none, is left to the scalar rule: it is written to `left`, which may be `selection`.
 *
 * @module
 */

/** @hot a + b; returns how many rows are left. */
export function addI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const exact = a[row]! + b[row]!;
    out[row] = exact;
    left[leftCount] = row;
    leftCount += +(exact !== (exact | 0));
  }
  return leftCount;
}

/** @hot a + constant; returns how many rows are left. */
export function addI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: number,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const exact = a[row]! + b;
    out[row] = exact;
    left[leftCount] = row;
    leftCount += +(exact !== (exact | 0));
  }
  return leftCount;
}

/** @hot a - b; returns how many rows are left. */
export function subtractI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const exact = a[row]! - b[row]!;
    out[row] = exact;
    left[leftCount] = row;
    leftCount += +(exact !== (exact | 0));
  }
  return leftCount;
}

/** @hot a - constant; returns how many rows are left. */
export function subtractI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: number,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const exact = a[row]! - b;
    out[row] = exact;
    left[leftCount] = row;
    leftCount += +(exact !== (exact | 0));
  }
  return leftCount;
}

/** @hot a * b; returns how many rows are left. */
export function multiplyI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const exact = a[row]! * b[row]!;
    out[row] = exact;
    left[leftCount] = row;
    leftCount += +(exact !== (exact | 0));
  }
  return leftCount;
}

/** @hot a * constant; returns how many rows are left. */
export function multiplyI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: number,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const exact = a[row]! * b;
    out[row] = exact;
    left[leftCount] = row;
    leftCount += +(exact !== (exact | 0));
  }
  return leftCount;
}

/** @hot a / b towards zero; returns how many rows are left. */
export function divideI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const dividend = a[row]!;
    const divisor = b[row]!;
    out[row] = (dividend / divisor) | 0;
    left[leftCount] = row;
    leftCount += +(divisor === 0) | (+(divisor === -1) & +(dividend === -0x8000_0000));
  }
  return leftCount;
}

/** @hot a / constant towards zero; the constant is neither 0 nor -1. */
export function divideI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: number,
): number {
  const divisor = b | 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = (a[row]! / divisor) | 0;
  }
  return 0;
}

/** @hot a % b with the sign of a; returns how many rows are left. */
export function remainderI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const divisor = b[row]!;
    out[row] = (a[row]! % divisor) | 0;
    left[leftCount] = row;
    leftCount += +(divisor === 0);
  }
  return leftCount;
}

/** @hot a % constant with the sign of a; the constant is not 0. */
export function remainderI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: number,
): number {
  // Known to be an int32, whatever the feedback says: an integer division, no call for floats.
  const divisor = b | 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = (a[row]! % divisor) | 0;
  }
  return 0;
}
