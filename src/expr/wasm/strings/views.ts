/** What views tell of the rows at hand, without looking at the heap. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import { i32, i32x4, v128 } from '../../../wasm/index.ts';
import type { ColumnPlace, Lane, Machine } from '../lanes.ts';
import { Int32, Mask, operation } from '../operations.ts';
import { VIEW_BYTES_AT } from './view-code.ts';

/** i32 compared as unsigned numbers. */
export const Unsigned = {
  lt: operation('bits', i32.ltU, i32x4.ltU),
  gt: operation('bits', i32.gtU, i32x4.gtU),
};

/** The lengths in bytes. */
export function lengthsOf(m: Machine, column: ColumnPlace): Lane {
  return m.pick(m.views(column), [0, 1, 2, 3]);
}

/** The first four bytes as an unsigned number, the first byte highest, zeros behind a shorter string. */
export function beginningsOf(m: Machine, column: ColumnPlace): Lane {
  return m.pick(m.views(column), [7, 6, 5, 4]);
}

/** Rows whose strings do not lie in their views. */
export function areLong(m: Machine, column: ColumnPlace): Lane {
  return m.apply(Int32.gt, lengthsOf(m, column), m.constant('i32', INLINE_BYTES));
}

/** Rows whose strings have at least so many bytes. */
export function areAtLeast(m: Machine, column: ColumnPlace, bytes: number): Lane {
  return m.apply(Int32.ge, lengthsOf(m, column), m.constant('i32', bytes));
}

/** Rows in whose views stand these bytes, twelve at most; what is behind a shorter string is zero. */
export function areInView(m: Machine, column: ColumnPlace, bytes: Uint8Array): Lane {
  const mask = new Uint8Array(16);
  const wanted = new Uint8Array(16);
  mask.fill(0xff, VIEW_BYTES_AT, VIEW_BYTES_AT + bytes.length);
  wanted.set(bytes, VIEW_BYTES_AT);
  const [bits, value] = [m.vector(mask), m.vector(wanted)];
  return m.allSet(m.views(column).map((view) => i32x4.eq(v128.and(view, bits), value)));
}

/** Rows of a mask that may be looked at. */
export function within(m: Machine, mask: Lane, rows: Lane | undefined): Lane {
  return rows === undefined ? mask : m.apply(Mask.and, mask, rows);
}
