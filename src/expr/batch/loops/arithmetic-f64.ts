/**
 * float64 arithmetic on the selected rows. Never fails; null rows are computed like others.
 *
 * @module
 */

/** @hot a + b */
export function addF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! + b[row]!;
  }
}

/** @hot a + constant */
export function addF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: number,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! + b;
  }
}

/** @hot a - b */
export function subtractF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! - b[row]!;
  }
}

/** @hot constant - b */
export function subtractF64FromConstant(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: number,
  b: Float64Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a - b[row]!;
  }
}

/** @hot a * b */
export function multiplyF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! * b[row]!;
  }
}

/** @hot a * constant */
export function multiplyF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: number,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! * b;
  }
}

/** @hot a / b */
export function divideF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! / b[row]!;
  }
}

/** @hot a / constant */
export function divideF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: number,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! / b;
  }
}

/** @hot constant / b */
export function divideF64FromConstant(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: number,
  b: Float64Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a / b[row]!;
  }
}

/** @hot a % b */
export function remainderF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! % b[row]!;
  }
}

/** @hot a % constant */
export function remainderF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  b: number,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a[row]! % b;
  }
}

/** @hot constant % b */
export function remainderF64FromConstant(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: number,
  b: Float64Array,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = a % b[row]!;
  }
}
