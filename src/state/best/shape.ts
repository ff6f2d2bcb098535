/**
 * What the code that keeps the best rows of groups is compiled for, and how it is talked to.
 *
 * ```
 *  record of a group   … │ least key that is good enough │ list │ rows │ room │   three cells at `cell`
 *  list                  │ key │ record of a row │ – │  best first, 16 bytes each
 *  record of a row       │ bytes it takes │ – │ columns: see `row-layout.ts`
 * ```
 *
 * A *key* is the first column of the order as an int64 of which the larger one is better. Rows with one
 * key are compared by TypeScript.
 *
 * @module
 */

import type { RowShape } from '../rows/shape.ts';

/** Bytes of a group's part of its record. */
export const GroupAt = { LEAST: 0, LIST: 8, COUNT: 12, ROOM: 16 } as const;
export const GROUP_CELLS = 3;

/** What a group's part begins as: any key is good enough. */
export const GROUP_TEMPLATE: readonly number[] = [0, -(2 ** 31), 0, 0, 0, 0];

/** Bytes of an entry of a list. */
export const EntryAt = { KEY: 0, RECORD: 8 } as const;
export const ENTRY_BYTES = 16;

/** Byte of a row's record, and of any block of memory, that says how many bytes it takes. */
export const SIZE_AT = 0;

/** Words of the block. */
export const BestWord = {
  /** Address of the first cells of the groups' records, by position; or the address of the only one. */
  GROUPS: 0,
  /** Address of the keys, by position. */
  KEYS: 1,
  /** Address of the list of rows. */
  ROWS: 2,
  /** Address of the heads of the lists of free blocks, by size. */
  FREE: 3,
  /** Memory that was never used: its first byte, and its end. */
  NEXT_BYTE: 4,
  END_BYTE: 5,
  /** One of {@link BestNeed}, and how many bytes. */
  NEED: 6,
  BYTES_NEEDED: 7,
} as const;
export const BEST_WORDS = 8;

/** Why the code stopped before the last row. */
export const BestNeed = {
  /** No memory for a list or a row. */
  MEMORY: 1,
  /** The row has the key of another. */
  TIE: 2,
} as const;

/** Sizes of blocks are rounded to so many for each power of two. */
export const SIZES_PER_POWER = 4;
/** Lists of free blocks. */
export const FREE_LISTS = 32 * SIZES_PER_POWER;

/** Everything that the code depends on. */
export interface BestShape {
  readonly rows: RowShape;
  /** Rows per group. */
  readonly n: number;
  /** Rows that are equal to the last are kept too. */
  readonly ties: boolean;
  /** Position of the first column of the order, and whether its larger values are better. */
  readonly orderColumn: number;
  readonly isDescending: boolean;
  /** First cell of a group's part of its record; `undefined`: there is one group. */
  readonly groupCell: number | undefined;
}
