/**
 * Comparisons of 64-bit columns as pairs of words, so that no bigint is made:
 * `selection[0 .. selected)` narrowed to the rows for which they hold.
 *
 * One function per operation and shape, so that each loop sees one kind of array only. Branch-free:
 * `kept += +(condition)` costs the same at any selectivity. `out` may be `selection`.
 *
 * @module
 */

/** @hot a = b */
export function equalI64Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  b: Int32Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    const bl = b[2 * row]!;
    const bh = b[2 * row + 1]!;
    out[kept] = row;
    kept += +(al === bl) & +(ah === bh);
  }
  return kept;
}

/** @hot a <> b */
export function unequalI64Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  b: Int32Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    const bl = b[2 * row]!;
    const bh = b[2 * row + 1]!;
    out[kept] = row;
    kept += +(al !== bl) | +(ah !== bh);
  }
  return kept;
}

/** @hot a < b */
export function lessI64Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  b: Int32Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    const bl = b[2 * row]!;
    const bh = b[2 * row + 1]!;
    out[kept] = row;
    kept += +(ah < bh) | (+(ah === bh) & +(al >>> 0 < bl >>> 0));
  }
  return kept;
}

/** @hot a <= b */
export function lessOrEqualI64Columns(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  b: Int32Array,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    const bl = b[2 * row]!;
    const bh = b[2 * row + 1]!;
    out[kept] = row;
    kept += +(ah < bh) | (+(ah === bh) & +(al >>> 0 <= bl >>> 0));
  }
  return kept;
}

/** @hot a = constant, given as its low and high word */
export function equalI64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  bl: number,
  bh: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    out[kept] = row;
    kept += +(al === bl) & +(ah === bh);
  }
  return kept;
}

/** @hot a <> constant, given as its low and high word */
export function unequalI64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  bl: number,
  bh: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    out[kept] = row;
    kept += +(al !== bl) | +(ah !== bh);
  }
  return kept;
}

/** @hot a < constant, given as its low and high word */
export function lessI64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  bl: number,
  bh: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    out[kept] = row;
    kept += +(ah < bh) | (+(ah === bh) & +(al >>> 0 < bl >>> 0));
  }
  return kept;
}

/** @hot a <= constant, given as its low and high word */
export function lessOrEqualI64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  bl: number,
  bh: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    out[kept] = row;
    kept += +(ah < bh) | (+(ah === bh) & +(al >>> 0 <= bl >>> 0));
  }
  return kept;
}

/** @hot a > constant, given as its low and high word */
export function greaterI64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  bl: number,
  bh: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    out[kept] = row;
    kept += +(ah > bh) | (+(ah === bh) & +(al >>> 0 > bl >>> 0));
  }
  return kept;
}

/** @hot a >= constant, given as its low and high word */
export function greaterOrEqualI64Constant(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Int32Array,
  bl: number,
  bh: number,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    out[kept] = row;
    kept += +(ah > bh) | (+(ah === bh) & +(al >>> 0 >= bl >>> 0));
  }
  return kept;
}
