/** What `query` does. @module */

import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { QueryConfig } from './config.ts';
import { KeyedQuery } from './keyed-query.ts';
import { RowQuery } from './row-query.ts';
import { openTable } from './open-table.ts';

/** Makes the kernel of a `query`. */
export async function createQueryKernel(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  const { table, find } = plan.config as QueryConfig;
  const shared = await openTable(table, context);
  return find.kind === 'key'
    ? new KeyedQuery(plan, context, shared)
    : new RowQuery(plan, context, shared);
}
