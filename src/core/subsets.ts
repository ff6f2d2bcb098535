/**
 * Streams of which whole groups are shed: what is left gives a subset of the true results.
 *
 * A *unit* is what an aggregate makes one result of: a group of a window, or a group. Rows of sources
 * that say `"windows": "subset"` carry a number in a column of its own that is the same for all rows of a
 * group, see `admission/unit-ranks.ts`: sources shed rows by it, and the aggregate gives no result for units
 * of which rows were shed.
 *
 * @module
 */

import type { Field } from './schema.ts';
import { FLOAT64 } from './types.ts';
import type { DurationUs, TimeUs } from './units.ts';

/** The column that sources add behind their own. */
export const UNIT_FIELD: Field = { name: '$unit', type: FLOAT64 };

/** The windows of units: as of an aggregate; of cumulating windows all that begin together are one. */
export interface UnitWindows {
  readonly sizeUs: DurationUs;
  readonly slideUs: DurationUs;
  readonly offsetUs: DurationUs;
}

/** Knows which units are whole. */
export interface WholeUnits {
  /**
   * A window closes, whose results come next: by now all of its rows are here, or have been shed.
   *
   * @param startUs - of the window; 0 if there are none
   */
  begin(startUs: TimeUs): void;
  /**
   * Whether no row of a unit of that window was shed.
   *
   * @param unit - `NaN`: that of a group without rows, which is whole if none are missing at all
   */
  isWhole(unit: number): boolean;
}
