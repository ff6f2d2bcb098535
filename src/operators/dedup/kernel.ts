/** What `dedup` does. @module */

import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { FirstRows } from './first-rows.ts';
import { LastRows } from './last-rows.ts';
import type { DedupConfig } from './spec.ts';

/** Makes the kernel of a dedup. */
export function createDedupKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const { keepsLast } = plan.config as DedupConfig;
  return keepsLast ? new LastRows(plan, context) : new FirstRows(plan, context);
}
