/**
 * The motion of an aggregate.
 *
 * A batch is split by slice of time (usually it lies in one), keys and arguments are computed for
 * all its rows, the record of each row's group is looked up, and each aggregate is updated in one
 * loop. A watermark fires the windows that end at or before it, in order: slices are merged where a
 * window has several, and the groups are written out. A full output stops the writing anywhere, and
 * `resume` goes on from there.
 *
 * - A row for which any key or argument fails is not aggregated at all; a group for which any result
 *   fails gives no row. Late rows are not evaluated.
 * - A row is late when no window takes it: each of its windows had been closed by the row's source
 *   when it entered, or has fired here. A row that is too late for some of its hopping windows only
 *   counts in the others, and is not late.
 * - A result has entered the engine when the last row of its window did, or of a slice of it.
 *
 * @module
 */

import { invariant } from '../../core/invariant.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { AggregatePlanConfig } from './config.ts';
import { RevisingKernel } from './changes/revising-kernel.ts';
import { RowChangeKernel } from './changes/row-kernel.ts';
import { EachKernel } from './each-kernel.ts';
import { EveryKernel } from './every-kernel.ts';
import { LocalKernel } from './local-kernel.ts';
import { RevisingSessionKernel } from './session/revising-session-kernel.ts';
import { SessionKernel } from './session/session-kernel.ts';
import { TotalKernel } from './total-kernel.ts';
import { WindowKernel } from './window-kernel.ts';

/** Makes the kernel of an aggregate; loads what modules export, and what few aggregates need. */
export async function openAggregateKernel(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  return (await loadAggregateKernels(plan, context))(context);
}

/** Loads what kernels of an aggregate need, and gives what makes them. */
export async function loadAggregateKernels(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<(context: KernelContext) => Kernel> {
  const config = plan.config as AggregatePlanConfig;
  let opened = plan;
  if (config.aggregates.some(({ user }) => user !== undefined)) {
    const { loadUserAggregates } = await import('./user-aggregates.ts');
    const makeUser = await loadUserAggregates(plan, context);
    opened = { ...plan, config: { ...config, makeUser } };
  }
  if (config.spills === true && config.stage !== 'local') return loadSpilling(opened, context);
  if (config.rowWindow === undefined) return (own) => createAggregateKernel(opened, own);
  const { RowWindowKernel } = await import('./rows/kernel.ts');
  return (own) => new RowWindowKernel(opened, own);
}

async function loadSpilling(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<(context: KernelContext) => Kernel> {
  const { SpillingTotalKernel, SpillingWindowKernel } = await import('./spill/kernel.ts');
  invariant(context.openSpillStore !== undefined, 'there is no room on disk');
  const store = await context.openSpillStore();
  const { window } = plan.config as AggregatePlanConfig;
  return window === undefined
    ? (own) => new SpillingTotalKernel(plan, own, store)
    : (own) => new SpillingWindowKernel(plan, own, window, store);
}

/** The same where nothing is to be loaded. */
export function createAggregateKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const { stage, window, session, revision, emit } = plan.config as AggregatePlanConfig;
  if (stage === 'local') return new LocalKernel(plan, context);
  if (session !== undefined) {
    if (revision === undefined) return new SessionKernel(plan, context, session.gapUs);
    return new RevisingSessionKernel(plan, context, session.gapUs);
  }
  if (revision?.mode === 'change') return new RowChangeKernel(plan, context);
  if (window !== undefined && revision !== undefined) {
    return new RevisingKernel(plan, context, window);
  }
  if (window !== undefined) return new WindowKernel(plan, context, window);
  switch (emit.kind) {
    case 'end':
      return new TotalKernel(plan, context);
    case 'every':
      return new EveryKernel(plan, context, emit.everyUs);
    case 'each':
      return new EachKernel(plan, context);
    case 'change':
      return new RowChangeKernel(plan, context);
  }
}
