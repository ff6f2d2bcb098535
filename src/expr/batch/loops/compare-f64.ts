/**
 * Comparisons of float64 columns: `selection[0 .. selected)` narrowed to the rows for which they hold.
 *
 * One function per operation and shape, so that each loop sees one kind of array only. Branch-free:
 * `kept += +(condition)` costs the same at any selectivity. `out` may be `selection`.
 *
 * @module
 */

/** @hot a = b */
export function equalF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: Float64Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row] === b[row]);
  }
  return kept;
}

/** @hot a <> b */
export function unequalF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: Float64Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row] !== b[row]);
  }
  return kept;
}

/** @hot a < b */
export function lessF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: Float64Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row]! < b[row]!);
  }
  return kept;
}

/** @hot a <= b */
export function lessOrEqualF64Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: Float64Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row]! <= b[row]!);
  }
  return kept;
}

/** @hot a = constant */
export function equalF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row] === b);
  }
  return kept;
}

/** @hot a <> constant */
export function unequalF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row] !== b);
  }
  return kept;
}

/** @hot a < constant */
export function lessF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row]! < b);
  }
  return kept;
}

/** @hot a <= constant */
export function lessOrEqualF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row]! <= b);
  }
  return kept;
}

/** @hot a > constant */
export function greaterF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row]! > b);
  }
  return kept;
}

/** @hot a >= constant */
export function greaterOrEqualF64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Float64Array,
  b: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +(a[row]! >= b);
  }
  return kept;
}
