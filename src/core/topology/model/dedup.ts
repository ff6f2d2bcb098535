/** `dedup` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon } from './parts.ts';

/** One row of those with the same key. */
export interface DedupOperator extends OperatorCommon {
  readonly type: 'dedup';
  /** Columns; not empty. */
  readonly key: readonly string[];
  readonly keep: 'first' | 'last';
  /** How far rows may lie apart in event time that are the same; `undefined`: any distance. */
  readonly withinUs: DurationUs | undefined;
  /** When the last row leaves: once it is known, or each time as a change. */
  readonly emit: 'onClose' | 'onChange';
}
