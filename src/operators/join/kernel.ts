/**
 * The motion of a join: a symmetric hash join of two streams whose rows are near in time.
 *
 * A batch first looks for its matches among the rows kept of the other side, then its own rows are
 * kept for those to come. What is found is joined and handed on in chunks, so that a full output
 * stops the work anywhere, and `resume` goes on from there.
 *
 * ## Late rows
 *
 * Let `t` be a row's event time and `m`, its *mark*, the larger of `t` and the watermark of the
 * row's source when it entered: `m = t + lateBy`. A pair matches iff neither source had ruled the
 * other row out when it gave its own:
 *
 * ```
 *   m_left ≤ t_right + before   and   m_right ≤ t_left + after
 * ```
 *
 * For rows on time this is `within` itself. Nothing in it depends on when the rows arrive here. And
 * a row is let go only when no later row can fulfil it: a left row once W_right > t + after, for a
 * right row that comes later is either on time, so that t_right ≥ W_right, or late by a watermark
 * of its source, m_right ≥ W_right, and in both cases m_right > t + after. Likewise a right row once
 * W_left > t + before. So the result is the same for every interleaving of the inputs.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type {
  Kernel,
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import { RowFailures } from '../row-failures.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import { JoinedRows } from './joined-rows.ts';
import { keysEqual } from './key-equality.ts';
import { NO_ROW } from './side-store.ts';
import { SideState } from './side-state.ts';
import { StateBudget } from './state-budget.ts';

/** In `#candidate`: the chain of the next row has not been entered. */
const NOT_BEGUN = -2;

/**
 * What a call is about.
 *
 * - `probe`: the rows of a batch look for matches; then they are kept
 * - `unmatched`: rows of the batch that can find no match any more leave
 * - `expire`: kept rows that can find no match any more leave
 */
type Stage = 'idle' | 'probe' | 'unmatched' | 'expire';

/** Makes the kernel of a join. */
export function createJoinKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new JoinKernel(plan, context);
}
