/**
 * What a chain seldom needs, in a file that threads load when it is needed: operators by themselves, and
 * kernels that were not planned for, with all that turns expressions into code.
 *
 * @module
 */

import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { KernelUnit } from '../../expr/index.ts';
import { neededSteps, planUnit, valueSteps } from '../../expr/index.ts';
import { createFilterKernel } from '../filter/kernel.ts';
import { createMapKernel } from '../map/kernel.ts';
import type { ChainProgram } from './program.ts';
import { rowCode } from './program.ts';

export { kernelModule } from '../../expr/index.ts';

/** The kernel of one operator of a chain. */
export function memberKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return plan.kind === 'filter'
    ? createFilterKernel(plan, context)
    : createMapKernel(plan, context);
}

/** The kernel that lists the rows that a chain leaves. */
export function rowUnit(chain: ChainProgram): KernelUnit {
  return chain.folds.length === 0 ? chain.unit : planUnit(rowCode(chain));
}

/** The same as two: which rows are left, and the columns that are computed for them. */
export function splitUnits({ shape }: KernelUnit): { select: KernelUnit; values: KernelUnit } {
  const { steps, stored } = shape;
  const selecting = neededSteps(steps, new Set());
  return {
    select: planUnit({ steps: selecting, stored: [], folds: [] }),
    values: planUnit({ steps: valueSteps(steps, new Set(stored)), stored, folds: [] }),
  };
}
