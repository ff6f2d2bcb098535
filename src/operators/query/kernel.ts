/** What `query` does. @module */

import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { type QueryConfig, sharedName } from './config.ts';
import { KeyedQuery } from './keyed-query.ts';
import { RowQuery } from './row-query.ts';
import { Table } from './table.ts';

/** Makes the kernel of a `query`. */
export function createQueryKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const { table, find } = plan.config as QueryConfig;
  const shared = context.shared(sharedName(table.name), () => new Table(table));
  return find.kind === 'key'
    ? new KeyedQuery(plan, context, shared)
    : new RowQuery(plan, context, shared);
}
