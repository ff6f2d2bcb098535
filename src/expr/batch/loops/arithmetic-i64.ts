/**
 * 64-bit arithmetic on the selected rows, none of them null, without bigints: sums as pairs of
 * words, the rest as float64 where that is exact (operands and result within ±2^53).
 *
 * A row that is not exact, does not fit, or has no result is left to the scalar rule: it is written
 * to `left`, which may be `selection`.
 *
 * @module
 */

const WORD = 4294967296;
/** Below this magnitude every integer, and the result of + - * on them, is exact or seen not to be. */
const SAFE = 9007199254740992;

/** @hot a + b; returns how many rows are left: those that overflow. */
export function addI64(
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
    const al = a[2 * row]!;
    const bl = b[2 * row]!;
    const ah = a[2 * row + 1]!;
    const bh = b[2 * row + 1]!;
    const low = (al + bl) | 0;
    const high = (ah + bh + +(low >>> 0 < al >>> 0)) | 0;
    out[2 * row] = low;
    out[2 * row + 1] = high;
    left[leftCount] = row;
    leftCount += ((ah ^ high) & (bh ^ high)) >>> 31;
  }
  return leftCount;
}

/** @hot a - b; returns how many rows are left: those that overflow. */
export function subtractI64(
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
    const al = a[2 * row]!;
    const bl = b[2 * row]!;
    const ah = a[2 * row + 1]!;
    const bh = b[2 * row + 1]!;
    const high = (ah - bh - +(al >>> 0 < bl >>> 0)) | 0;
    out[2 * row] = (al - bl) | 0;
    out[2 * row + 1] = high;
    left[leftCount] = row;
    leftCount += ((ah ^ bh) & (ah ^ high)) >>> 31;
  }
  return leftCount;
}

/**
 * @hot a * aFactor + b * bFactor, for decimals of different scales (a difference has a negative
 * factor); rows whose magnitude reaches `limit` are left.
 */
export function addScaled(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
  aFactor: number,
  bFactor: number,
  limit: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const x = (a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0)) * aFactor;
    const y = (b[2 * row + 1]! * WORD + (b[2 * row]! >>> 0)) * bFactor;
    const sum = x + y;
    out[2 * row] = sum | 0;
    out[2 * row + 1] = Math.floor(sum / WORD);
    left[leftCount] = row;
    leftCount += +!(Math.abs(x) < SAFE && Math.abs(y) < SAFE && Math.abs(sum) < limit);
  }
  return leftCount;
}

/** @hot a * b; rows whose magnitude reaches `limit` (at most 2^53) are left. */
export function multiplyI64(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
  limit: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const x = a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0);
    const y = b[2 * row + 1]! * WORD + (b[2 * row]! >>> 0);
    const product = x * y;
    out[2 * row] = product | 0;
    out[2 * row + 1] = Math.floor(product / WORD);
    left[leftCount] = row;
    leftCount += +!(Math.abs(product) < limit);
  }
  return leftCount;
}

/** @hot a / b towards zero; rows with an operand of 2^53 or more, or a zero divisor, are left. */
export function divideI64(
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
    const x = a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0);
    const y = b[2 * row + 1]! * WORD + (b[2 * row]! >>> 0);
    const quotient = Math.trunc(x / y);
    out[2 * row] = quotient | 0;
    out[2 * row + 1] = Math.floor(quotient / WORD);
    left[leftCount] = row;
    leftCount += +!(Math.abs(x) < SAFE && Math.abs(y) < SAFE && y !== 0);
  }
  return leftCount;
}

/** @hot a * aFactor % (b * bFactor) with the sign of a; rows as in {@link divideI64} are left. */
export function remainderScaled(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
  aFactor: number,
  bFactor: number,
  limit: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const x = (a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0)) * aFactor;
    const y = (b[2 * row + 1]! * WORD + (b[2 * row]! >>> 0)) * bFactor;
    const rest = x - Math.trunc(x / y) * y;
    out[2 * row] = rest | 0;
    out[2 * row + 1] = Math.floor(rest / WORD);
    left[leftCount] = row;
    const isExact = Math.abs(x) < SAFE && Math.abs(y) < SAFE && y !== 0;
    leftCount += +!(isExact && Math.abs(rest) < limit);
  }
  return leftCount;
}

/** @hot a * factor / b, half away from zero; rows that are not exact or reach `limit` are left. */
export function divideRoundedI64(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
  factor: number,
  limit: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const x = (a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0)) * factor;
    const y = b[2 * row + 1]! * WORD + (b[2 * row]! >>> 0);
    const whole = Math.trunc(x / y);
    const rest = Math.abs(x - whole * y);
    const away = +(rest >= Math.abs(y) - rest);
    const quotient = whole + (+(x < 0) ^ +(y < 0) ? -away : away);
    out[2 * row] = quotient | 0;
    out[2 * row + 1] = Math.floor(quotient / WORD);
    left[leftCount] = row;
    const isExact = Math.abs(x) < SAFE && Math.abs(y) < SAFE && y !== 0;
    leftCount += +!(isExact && Math.abs(quotient) < limit);
  }
  return leftCount;
}

/** @hot -a; the row that overflows is left. */
export function negateI64(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  left: Uint32Array,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const al = a[2 * row]!;
    const ah = a[2 * row + 1]!;
    const high = (~ah + +(al === 0)) | 0;
    out[2 * row] = -al | 0;
    out[2 * row + 1] = high;
    left[leftCount] = row;
    leftCount += (ah & high) >>> 31;
  }
  return leftCount;
}

/** @hot a * factor; rows that reach 2^53 are left. */
export function scaleI64(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  left: Uint32Array,
  factor: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const product = (a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0)) * factor;
    out[2 * row] = product | 0;
    out[2 * row + 1] = Math.floor(product / WORD);
    left[leftCount] = row;
    leftCount += +!(Math.abs(product) < SAFE);
  }
  return leftCount;
}
