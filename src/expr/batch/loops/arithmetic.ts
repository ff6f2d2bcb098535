/** Arithmetic that kernels do not do, on the selected rows, none of them null. @module */

const WORD = 4294967296;
/** Below this magnitude every integer, and the result of * on them, is exact or seen not to be. */
const SAFE = 9007199254740992;

/** @hot a % b */
export function remaindersF64(
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

/**
 * @hot a * factor / b of 64-bit columns, as float64, half away from zero. Rows that are not exact, have no
 * result, or reach `limit` are left to the scalar rule: they are written to `left`.
 *
 * @returns how many are left
 */
export function roundedQuotients(
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

/** @hot Applies a function of one float64 to each row. */
export function mapF64(
  selection: Uint32Array,
  selected: number,
  out: Float64Array,
  a: Float64Array,
  compute: (x: number) => number,
): void {
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[row] = compute(a[row]!);
  }
}
