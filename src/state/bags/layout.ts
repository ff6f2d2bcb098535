/**
 * What an entry of a bag holds.
 *
 * ```
 *  cell 0   │ how often it is there, a float64: below 0 where it was taken back first │
 *  cell 1   │ which fields are not null, a bit each │ only where keys may be null      │
 *  cell 2 … │ fields, in their order: one cell each, two for a view                    │
 * ```
 *
 * Fields have one form for equal values: zeros no sign, NaNs one pattern, nulls only zeros.
 *
 * @module
 */

import type { Storage } from '../../core/types.ts';

/** A field, as a plan has it. */
export interface BagFieldPlan {
  readonly storage: Storage;
  readonly mayBeNull: boolean;
  readonly isDescending: boolean;
}

/** A field of an entry. */
export interface BagField extends BagFieldPlan {
  /** First cell within the entry. */
  readonly cell: number;
  readonly bit: number;
}

/** Where the fields of entries lie. */
export interface BagLayout {
  /** In the order by which entries are compared. The last is the value; those before it are keys. */
  readonly fields: readonly BagField[];
  readonly value: BagField;
  /** Cells of an entry. */
  readonly stride: number;
  /** Whether keys may be null. */
  readonly hasNulls: boolean;
}

/** Word of an entry that says which fields are not null. */
export const PRESENCE_WORD = 2;

/** Lays entries out. */
export function layoutBag(plans: readonly BagFieldPlan[]): BagLayout {
  const hasNulls = plans.some(({ mayBeNull }) => mayBeNull);
  let stride = hasNulls ? 2 : 1;
  const fields = plans.map((plan, i): BagField => {
    const cell = stride;
    stride += plan.storage === 'view' ? 2 : 1;
    return { ...plan, cell, bit: 1 << i };
  });
  return { fields, value: fields.at(-1)!, stride, hasNulls };
}

/** The order of two entries by their first cells in `words` and `floats`, which are one memory. */
export type EntryOrder = (a: number, b: number) => number;
