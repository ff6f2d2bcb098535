/**
 * What the code that keeps the best rows of groups is compiled for, and how it is talked to.
 *
 * ```
 *  record of a group   … │ least key that is good enough │ list │ rows │ room │   three cells at `cell`
 *                      … │ key │ record of the only row   │ rows │               two cells, where one row is kept
 *  list                  │ key │ record of a row │ – │  best first, 16 bytes each
 *  record of a row       │ bytes it takes │ – │ columns: see `row-layout.ts`
 * ```
 *
 * A *key* is the first column of the order as an int64 of which the larger one is better. Rows with one
 * key are compared column by column; by TypeScript where rows that are equal to the last are kept too.
 *
 * @module
 */

import type { RowShape } from '../rows/shape.ts';
import type { RecordOrderKey } from './record-order.ts';

/** Bytes of a group's part of its record. */
export const GroupAt = { LEAST: 0, LIST: 8, COUNT: 12, ROOM: 16 } as const;

/** What a group's part begins as: any key is good enough. */
export function groupTemplate(isAlone: boolean): readonly number[] {
  return isAlone ? [0, -(2 ** 31), 0, 0] : [0, -(2 ** 31), 0, 0, 0, 0];
}

/** Whether a group keeps one row at most, which needs no list. */
export function isAlone({ n, ties }: Pick<BestShape, 'n' | 'ties'>): boolean {
  return n === 1 && !ties;
}

/** Bytes of an entry of a list; the part of a group without one is an entry. */
export const EntryAt = { KEY: 0, RECORD: 8 } as const;
export const ENTRY_BYTES = 16;
/** Behind a list's size. */
export const FIRST_ENTRY_AT = 16;

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
  /** The row has the key of another, and those that are equal to the last are kept. */
  TIE: 2,
} as const;

/** Sizes of blocks are rounded to so many for each power of two. */
export const SIZES_PER_POWER = 8;
/** Lists of free blocks. */
export const FREE_LISTS = 32 * SIZES_PER_POWER;

/** Everything that the code depends on. */
export interface BestShape {
  readonly rows: RowShape;
  /** Rows per group. */
  readonly n: number;
  /** Rows that are equal to the last are kept too. */
  readonly ties: boolean;
  readonly order: readonly RecordOrderKey[];
  /** First cell of a group's part of its record; `undefined`: there is one group. */
  readonly groupCell: number | undefined;
}
