/**
 * Where things lie in the record of a row that is kept.
 *
 * ```
 *  word 0, 1   │ hash of the key          │ the row kept before it with this hash    │
 *              │ time: float64            │ mark: float64                            │  timed rows
 *              │ cells of the record      │                                          │  rows with views
 *              │ matches                  │                                          │  tracked rows
 *              │ whether it was told      │                                          │  rows told when due
 *              │ which columns are null, a bit each, 32 to a word                    │
 *              │ columns: those of four bytes first; of a view 16 bytes              │
 *              │ bytes of views that are longer than they are                        │
 * ```
 *
 * The offset in a long view counts from the record's first byte, so records can be moved.
 *
 * @module
 */

import type { Storage } from '../../core/types.ts';

/** Bytes of the parts that every record begins with. */
export const HASH_AT = 0;
export const NEXT_AT = 4;
const FIRST_AT = 8;
/** Bytes of time and mark, where rows are timed. */
export const TIME_AT = FIRST_AT;
export const MARK_AT = TIME_AT + 8;

/** One column of a record. */
export interface RowField {
  readonly storage: Storage;
  /** First byte within the record. */
  readonly at: number;
  /** Byte of the word with its null bit, and the bit. */
  readonly nullsAt: number;
  readonly nullBit: number;
}

/** What is kept beside columns. */
export interface RowExtras {
  /** Time and mark; see {@link RowLayout.timeAt}. */
  readonly isTimed: boolean;
  /** A word of bits for its owner: which matches it found. */
  readonly isTracked: boolean;
  /** A word that says whether it was told that the row is due: see `DueRows`. */
  readonly isTold: boolean;
  /** Whether the store asks for the numbers that rows get; nothing of it is in the record. */
  readonly isNumbered?: boolean;
}

/** The layout of the rows of one store. `undefined` where the rows have no such part. */
export interface RowLayout extends RowExtras {
  readonly fields: readonly RowField[];
  readonly timeAt: number | undefined;
  readonly markAt: number | undefined;
  readonly cellsAt: number | undefined;
  readonly matchesAt: number | undefined;
  readonly toldAt: number | undefined;
  /** First byte of the null words. */
  readonly nullsAt: number;
  readonly nullWords: number;
  /** Bytes of a record without its long values, a multiple of 8. */
  readonly fixedBytes: number;
}

const align8 = (bytes: number): number => (bytes + 7) & ~7;

/** Lays records out. */
export function layoutRows(storages: readonly Storage[], extras: RowExtras): RowLayout {
  let end = FIRST_AT;
  const take = (bytes: number): number => {
    const at = end;
    end += bytes;
    return at;
  };
  const { isTimed, isTracked, isTold } = extras;
  const timeAt = isTimed ? take(8) : undefined;
  const markAt = isTimed ? take(8) : undefined;
  const cellsAt = storages.includes('view') ? take(4) : undefined;
  const matchesAt = isTracked ? take(4) : undefined;
  const toldAt = isTold ? take(4) : undefined;
  const nullWords = Math.ceil(storages.length / 32);
  const nullsAt = take(4 * nullWords);
  const isShort = (storage: Storage): boolean => storage === 'i32' || storage === 'bits';
  const places = storages.map((storage) => (isShort(storage) ? take(4) : 0));
  end = align8(end);
  for (const [i, storage] of storages.entries()) {
    if (!isShort(storage)) places[i] = take(storage === 'view' ? 16 : 8);
  }
  const fields = storages.map((storage, i) => ({
    storage,
    at: places[i]!,
    nullsAt: nullsAt + 4 * (i >>> 5),
    nullBit: 1 << (i & 31),
  }));
  return {
    ...extras,
    fields,
    timeAt,
    markAt,
    cellsAt,
    matchesAt,
    toldAt,
    nullsAt,
    nullWords,
    fixedBytes: align8(end),
  };
}
