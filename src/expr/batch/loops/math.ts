/** Functions of one float64. @module */

/** @hot Applies a function to each row. */
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
