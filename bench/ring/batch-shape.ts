/**
 * The batches of the hand-off benchmarks: eight float64 columns, so 64 bytes a row.
 *
 * Every subject fills and sums them by the same loops, a column at a time, four rows at a turn:
 * `peers/ring.cpp` has the same ones.
 *
 * @module
 */

export const COLUMNS = 8;
export const ROW_BYTES = COLUMNS * Float64Array.BYTES_PER_ELEMENT;
const HEADER_BYTES = 128;
const BASE_MASK = 0xf_ffff;

/** Distance of two columns: the values, then room for validity bits. */
function strideBytes(rows: number): number {
  return rows * 8 + Math.ceil(rows / 8 / 64) * 64;
}

/** Bytes of a slot for `rows` rows. */
export function slotBytesFor(rows: number): number {
  return HEADER_BYTES + COLUMNS * strideBytes(rows);
}

/** The columns of a slot as views, made once per slot. */
export function slotColumns(
  buffer: ArrayBufferLike,
  slotOffset: number,
  rows: number,
): Float64Array[] {
  return Array.from(
    { length: COLUMNS },
    (_, column) =>
      new Float64Array(buffer, slotOffset + HEADER_BYTES + column * strideBytes(rows), rows),
  );
}

/** The first value of batch `batch`. */
export function baseOf(batch: number, rows: number): number {
  return (batch * rows) & BASE_MASK;
}

/** Column c gets base + c, base + c + 1, … @hot */
export function fillBatch(columns: readonly Float64Array[], rows: number, base: number): void {
  for (let column = 0; column < COLUMNS; column++)
    fillColumn(columns[column]!, rows, base + column);
}

/** The sum of all values. @hot */
export function sumBatch(columns: readonly Float64Array[], rows: number): number {
  let sum = 0;
  for (let column = 0; column < COLUMNS; column++) sum += sumColumn(columns[column]!, rows);
  return sum;
}

/** What the sums of batches 0 … batches − 1 must come to, by Gauss' formula. */
export function expectedSum(rows: number, batches: number): number {
  let sum = 0;
  const within = COLUMNS * ((rows * (rows - 1)) / 2) + rows * ((COLUMNS * (COLUMNS - 1)) / 2);
  for (let batch = 0; batch < batches; batch++)
    sum += COLUMNS * rows * baseOf(batch, rows) + within;
  return sum;
}

/** @hot */
function fillColumn(column: Float64Array, rows: number, base: number): void {
  for (let row = 0; row < rows; row += 4) {
    column[row] = base + row;
    column[row + 1] = base + row + 1;
    column[row + 2] = base + row + 2;
    column[row + 3] = base + row + 3;
  }
}

/** @hot */
function sumColumn(column: Float64Array, rows: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let row = 0; row < rows; row += 4) {
    a += column[row]!;
    b += column[row + 1]!;
    c += column[row + 2]!;
    d += column[row + 3]!;
  }
  return a + b + (c + d);
}
