/** What the code that copies rows is told, as words in the engine's memory. @module */

import type { Storage } from '../core/types.ts';

/** Words of one column. */
export const CopyWord = {
  /** {@link CopyKind}. */
  KIND: 0,
  /** Address of the values of the target. */
  TARGET: 1,
  /** Address of its validity bitmap. */
  TARGET_VALIDITY: 2,
  /** Bytes of that bitmap. */
  VALIDITY_BYTES: 3,
  /** Nulls of the target, before and after. For late flags: how many are not 0. */
  NULLS: 4,
  /** Address of the values of the source. */
  SOURCE: 5,
  /** Address of its validity bitmap; 0: it has no nulls. */
  SOURCE_VALIDITY: 6,
  /** Address of its heap. */
  SOURCE_HEAP: 7,
} as const;

export const COLUMN_WORDS = 8;

/** How the values of a column are copied. */
export const CopyKind = {
  BITS: 0,
  FOUR_BYTES: 1,
  EIGHT_BYTES: 2,
  /** Views, all of them inline. */
  INLINE_VIEWS: 3,
  VIEWS: 4,
  /** Float64 of which those that are not 0 are counted. */
  LATE: 5,
} as const;

/** The kind of a storage class; views are {@link CopyKind.VIEWS}. */
export const COPY_KINDS: Readonly<Record<Storage, number>> = {
  bits: CopyKind.BITS,
  i32: CopyKind.FOUR_BYTES,
  i64: CopyKind.EIGHT_BYTES,
  f64: CopyKind.EIGHT_BYTES,
  view: CopyKind.VIEWS,
};
