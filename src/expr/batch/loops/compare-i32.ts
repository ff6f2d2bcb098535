/**
 * Comparisons of int32 columns: `selection[0 .. selected)` narrowed to the rows for which they hold.
 *
 * One function per operation and shape, so that each loop sees one kind of array only. Branch-free:
 * `kept += +(condition)` costs the same at any selectivity. `out` may be `selection`.
 *
 * @module
 */

/** @hot a = b */
export function equalI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  b: Int32Array,
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
export function unequalI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  b: Int32Array,
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
export function lessI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  b: Int32Array,
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
export function lessOrEqualI32Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  b: Int32Array,
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
export function equalI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
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
export function unequalI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
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
export function lessI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
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
export function lessOrEqualI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
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
export function greaterI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
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
export function greaterOrEqualI32Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
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
