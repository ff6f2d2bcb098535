/** `heartbeat` in its normal form. @module */

import type { DurationUs } from '../../units.ts';
import type { OperatorCommon } from './parts.ts';

/** Adds rows that tell the time. */
export interface HeartbeatOperator extends OperatorCommon {
  readonly type: 'heartbeat';
  /** The timestamp column whose time it tells. */
  readonly field: string;
  /** Greater than 0. */
  readonly everyUs: DurationUs;
  /** How much longer than {@link everyUs} a silence may last; `undefined`: for ever. */
  readonly slackUs: DurationUs | undefined;
}
