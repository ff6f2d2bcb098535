/** What each kind of operator does. For worker threads only: kernels are slow to load. @module */

import { MillraceError } from '../core/errors.ts';
import type { Kernel, KernelContext, KernelFactory, OperatorPlan } from '../core/operator.ts';
import type { OperatorNode } from '../core/topology/model.ts';
import { createAggregateKernel } from './aggregate/kernel.ts';
import { createFilterKernel } from './filter/kernel.ts';
import { createJoinKernel } from './join/kernel.ts';
import { createLookupKernel } from './lookup/kernel.ts';
import { createMapKernel } from './map/kernel.ts';
import { createModuleKernel } from './module/kernel.ts';
import { createTopKernel } from './top/kernel.ts';
import { createUnionKernel } from './union/kernel.ts';

const FACTORIES = {
  filter: createFilterKernel,
  map: createMapKernel,
  union: createUnionKernel,
  aggregate: createAggregateKernel,
  top: createTopKernel,
  join: createJoinKernel,
  lookup: createLookupKernel,
  module: createModuleKernel,
} as const satisfies Record<OperatorNode['type'], KernelFactory>;

/** Makes the kernel of one task. */
export function createKernel(plan: OperatorPlan, context: KernelContext): Kernel | Promise<Kernel> {
  const { kind } = plan;
  if (!Object.hasOwn(FACTORIES, kind)) {
    throw new MillraceError('ERR_INTERNAL', `no kernel for '${kind}'`, { node: context.node });
  }
  return FACTORIES[kind as keyof typeof FACTORIES](plan, context);
}
