/** Loops over the pages of a table's column: each sees one type of array. @module */

export const PAGE_BITS = 10;
/** Rows of a page. */
export const PAGE_ROWS = 1 << PAGE_BITS;
export const IN_PAGE = PAGE_ROWS - 1;

/** Copies values of 32 bits of `slots[rows[from .. to)]` to those rows, plus `shift`. @hot */
export function gatherWords(
  pages: readonly Int32Array[],
  slots: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  target: Int32Array,
  shift: number,
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const slot = slots[row]!;
    target[row + shift] = pages[slot >>> PAGE_BITS]![slot & IN_PAGE]!;
  }
}

/** The same with values of 64 bits that are no floats: no bigint is made. @hot */
export function gatherPairs(
  pages: readonly Int32Array[],
  slots: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  target: Int32Array,
  shift: number,
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const slot = slots[row]!;
    const page = pages[slot >>> PAGE_BITS]!;
    const at = 2 * (slot & IN_PAGE);
    target[2 * (row + shift)] = page[at]!;
    target[2 * (row + shift) + 1] = page[at + 1]!;
  }
}

/** The same with floats. @hot */
export function gatherFloats(
  pages: readonly Float64Array[],
  slots: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  target: Float64Array,
  shift: number,
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const slot = slots[row]!;
    target[row + shift] = pages[slot >>> PAGE_BITS]![slot & IN_PAGE]!;
  }
}

/** Copies values of 32 bits of `rows[from .. to)` to the slots of those rows. @hot */
export function scatterWords(
  source: Int32Array,
  slots: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  pages: readonly Int32Array[],
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const slot = slots[row]!;
    pages[slot >>> PAGE_BITS]![slot & IN_PAGE] = source[row]!;
  }
}

/** The same with values of 64 bits that are no floats. @hot */
export function scatterPairs(
  source: Int32Array,
  slots: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  pages: readonly Int32Array[],
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const slot = slots[row]!;
    const page = pages[slot >>> PAGE_BITS]!;
    const at = 2 * (slot & IN_PAGE);
    page[at] = source[2 * row]!;
    page[at + 1] = source[2 * row + 1]!;
  }
}

/** The same with floats. @hot */
export function scatterFloats(
  source: Float64Array,
  slots: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  pages: readonly Float64Array[],
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const slot = slots[row]!;
    pages[slot >>> PAGE_BITS]![slot & IN_PAGE] = source[row]!;
  }
}
