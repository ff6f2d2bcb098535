/** What every operator does, by kind. For worker threads. @module */

import { invariant } from '../core/invariant.ts';
import type { Kernel, KernelContext, KernelFactory, OperatorPlan } from '../core/operator.ts';
import { createAggregateKernel } from './aggregate/kernel.ts';
import { createJoinKernel } from './join/kernel.ts';

const FACTORIES: ReadonlyMap<string, KernelFactory> = new Map<string, KernelFactory>([
  ['aggregate', createAggregateKernel],
  ['join', createJoinKernel],
]);

/** Makes the kernel of a task. */
export function createKernel(plan: OperatorPlan, context: KernelContext): Kernel | Promise<Kernel> {
  const factory = FACTORIES.get(plan.kind);
  invariant(factory !== undefined, `no operator '${plan.kind}'`);
  return factory(plan, context);
}
