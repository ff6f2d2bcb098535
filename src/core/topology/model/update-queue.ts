/** `update_queue` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon } from './parts.ts';

/** Rows that wait for room are replaced by newer ones of their key. */
export interface UpdateQueueOperator extends OperatorCommon {
  readonly type: 'update_queue';
  /** Columns, at least one. */
  readonly key: readonly string[];
  /** Whole windows of so long are replaced; `undefined`: single rows. */
  readonly windowUs: DurationUs | undefined;
  /** Which key goes first: the one that came first, one that changes less often, or of the greatest priority. */
  readonly policy: 'inPlace' | 'lineCut' | 'priority';
  /** Column of the priority. */
  readonly priority: string | undefined;
}
