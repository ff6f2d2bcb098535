/** `gather` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon } from './parts.ts';

/** When an incomplete row is given up. */
export type GatherTimeout =
  | { readonly kind: 'time'; readonly afterUs: DurationUs }
  /** When a row has come whose value of a column is larger by more than this. */
  | { readonly kind: 'column'; readonly column: string; readonly after: number };

/** One row of a row of each input with the same key. */
export interface GatherOperator extends OperatorCommon {
  readonly type: 'gather';
  /** Columns of all inputs; not empty. */
  readonly key: readonly string[];
  /** Which row of an input counts where there are several. */
  readonly duplicates: 'first' | 'last' | 'error';
  /** `undefined`: at the end. */
  readonly timeout: GatherTimeout | undefined;
}
