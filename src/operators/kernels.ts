/**
 * What each kind of operator does. For worker threads only: kernels are slow to load. Those that many
 * topologies do without are loaded when a task needs them.
 *
 * @module
 */

import { MillraceError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { Kernel, KernelContext, KernelFactory, OperatorPlan } from '../core/operator.ts';
import type { OperatorNode } from '../core/topology/model.ts';
import type { Answering } from './actor/questions.ts';
import type { ChainCounts, ChainMember } from './chain/kernel.ts';
import type { LoadDeferred } from './chain/load-deferred.ts';
import type { ChainProgram } from './chain/program.ts';
import type { ParameterKernel } from './parameters/kernel.ts';
import type { MakeKernel } from './revisions/kernel.ts';
import type { RevisionConfig } from './revisions/plan.ts';
import { REVISED } from './revisions/plan.ts';

const FACTORIES = {
  filter: async () => (await import('./filter/kernel.ts')).createFilterKernel,
  map: async () => (await import('./map/kernel.ts')).createMapKernel,
  union: async () => (await import('./union/kernel.ts')).createUnionKernel,
  aggregate: async () => (await import('./aggregate/kernel.ts')).openAggregateKernel,
  top: async () => (await import('./top/kernel.ts')).createTopKernel,
  join: async () => (await import('./join/kernel.ts')).openJoinKernel,
  lookup: async () => (await import('./lookup/kernel.ts')).createLookupKernel,
  split: async () => (await import('./split/kernel.ts')).createSplitKernel,
  gather: async () => (await import('./gather/kernel.ts')).createGatherKernel,
  update_queue: async () => (await import('./update-queue/kernel.ts')).createUpdateQueueKernel,
  waitfor: async () => (await import('./waitfor/kernel.ts')).createWaitforKernel,
  dedup: async () => (await import('./dedup/kernel.ts')).createDedupKernel,
  resample: async () => (await import('./resample/kernel.ts')).createResampleKernel,
  lock: async () => (await import('./lock/kernel.ts')).createLockKernel,
  unlock: async () => (await import('./unlock/kernel.ts')).createUnlockKernel,
  bsort: async () => (await import('./bsort/kernel.ts')).createBsortKernel,
  wsort: async () => (await import('./wsort/kernel.ts')).createWsortKernel,
  sunion: async () => (await import('./sunion/kernel.ts')).createSunionKernel,
  merge: async () => (await import('./merge/kernel.ts')).createMergeKernel,
  decision_table: async () =>
    (await import('./decision-table/kernel.ts')).createDecisionTableKernel,
  exec: async () => (await import('./exec/kernel.ts')).createExecKernel,
  module: async () => (await import('./module/kernel.ts')).createModuleKernel,
  unnest: async () => (await import('./unnest/kernel.ts')).createUnnestKernel,
  partition: async () => (await import('./partition/kernel.ts')).createPartitionKernel,
  pattern: async () => (await import('./pattern/kernel.ts')).createPatternKernel,
  pivot: async () => (await import('./pivot/kernel.ts')).createPivotKernel,
  parse: async () => (await import('./parse/kernel.ts')).createParseKernel,
  format: async () => (await import('./format/kernel.ts')).createFormatKernel,
  sequence: async () => (await import('./sequence/kernel.ts')).createSequenceKernel,
  random_drop: async () => (await import('./random-drop/kernel.ts')).createRandomDropKernel,
  window_drop: async () => (await import('./window-drop/kernel.ts')).createWindowDropKernel,
  iterate: async () => (await import('./iterate/kernel.ts')).createIterateKernel,
  heartbeat: async () => (await import('./heartbeat/kernel.ts')).createHeartbeatKernel,
  throttle: async () => (await import('./throttle/kernel.ts')).createThrottleKernel,
  delay: async () => (await import('./delay/kernel.ts')).createDelayKernel,
  actor: async () => (await import('./actor/kernel.ts')).createActorKernel,
  query: async () => (await import('./query/kernel.ts')).createQueryKernel,
  materialize: async () => (await import('./materialize/kernel.ts')).createMaterializeKernel,
} as const satisfies Record<OperatorNode['type'], () => Promise<KernelFactory>>;

export type { ActorQuestion } from './actor/questions.ts';
export type { ChainCounts, ChainMember } from './chain/kernel.ts';
export type { LoadDeferred } from './chain/load-deferred.ts';
export { rowText } from './row-text.ts';
export { SlidingWindows } from './window-scheme.ts';

/**
 * Makes the one kernel of operators in a row.
 *
 * @param program - what `chain/chain.ts` has made of them; `undefined`: they go one by one
 * @param tail - of {@link createTail}
 * @param load - gives `chain/deferred.ts`
 */
export async function createChain(
  program: unknown,
  members: readonly ChainMember[],
  tail: Kernel | undefined,
  counts: ChainCounts,
  load: LoadDeferred,
): Promise<Kernel> {
  const { ChainKernel } = await import('./chain/kernel.ts');
  return new ChainKernel(program as ChainProgram | undefined, members, tail, counts, load);
}

/** The kernel of the last operator of a chain, if it is one that remembers something. */
export async function createTail(members: readonly ChainMember[]): Promise<Kernel | undefined> {
  const { plan, context } = members.at(-1)!;
  return plan.kind === 'aggregate' ? await createKernel(plan, context) : undefined;
}

/** The part of a kernel with parameters that an update reaches. */
export type WithParameters = Pick<ParameterKernel, 'setValues' | 'replace'>;

/** Whether a kernel has parameters, and another inside that reads them. */
export function hasParameters(kernel: Kernel): kernel is Kernel & WithParameters {
  return 'setValues' in kernel && 'replace' in kernel;
}

/** Whether a kernel can be asked for what it knows. */
export function isAnswering(kernel: Kernel): kernel is Kernel & Answering {
  return 'answer' in kernel;
}

/**
 * Loads the kernels of kinds of operators that will be asked for.
 *
 * @param chains - and that of chains
 */
export async function preloadKernels(kinds: readonly string[], chains: boolean): Promise<void> {
  const loads: unknown[] = kinds
    .filter((kind) => Object.hasOwn(FACTORIES, kind))
    .map((kind) => FACTORIES[kind as keyof typeof FACTORIES]());
  if (chains) loads.push(import('./chain/kernel.ts'));
  await Promise.all(loads);
}

/** Makes the kernel of one task. */
export async function createKernel(plan: OperatorPlan, context: KernelContext): Promise<Kernel> {
  const { kind } = plan;
  if (kind === REVISED) return createRevisedKernel(plan, context);
  if (!Object.hasOwn(FACTORIES, kind)) {
    throw new MillraceError('ERR_INTERNAL', `no kernel for '${kind}'`, { node: context.node });
  }
  const kernel = await createOwn(withoutParameters(plan), context);
  if (plan.parameters === undefined) return kernel;
  const { ParameterKernel } = await import('./parameters/kernel.ts');
  return new ParameterKernel(kernel, plan, context);
}

/** That of the operator alone. */
async function createOwn(plan: OperatorPlan, context: KernelContext): Promise<Kernel> {
  const create = await FACTORIES[plan.kind as keyof typeof FACTORIES]();
  if (plan.spill?.kind !== 'parts') return create(plan, context);
  invariant(context.openSpillStore !== undefined, 'there is no room on disk');
  const { PartsKernel } = await import('./spill/parts/kernel.ts');
  const make = await loadKernels(plan, context);
  return new PartsKernel(plan, context, make, await context.openSpillStore());
}

/** The kernel of an operator that is replayed: it makes kernels of that itself. */
async function createRevisedKernel(plan: OperatorPlan, context: KernelContext): Promise<Kernel> {
  const { inner } = plan.config as RevisionConfig;
  const { RevisedKernel } = await import('./revisions/kernel.ts');
  return new RevisedKernel(plan, context, await loadKernels(inner, context));
}

/** Loads what kernels of a plan need, and gives what makes them at once. */
async function loadKernels(plan: OperatorPlan, context: KernelContext): Promise<MakeKernel> {
  switch (plan.kind) {
    case 'aggregate':
      return (await import('./aggregate/kernel.ts')).loadAggregateKernels(plan, context);
    case 'join': {
      const { createJoinKernel } = await import('./join/kernel.ts');
      return (own) => createJoinKernel(plan, own);
    }
    case 'module':
      return (await import('./module/kernel.ts')).loadModuleKernels(plan, context);
    default: {
      const create = await FACTORIES[plan.kind as keyof typeof FACTORIES]();
      return (own) => {
        const kernel = create(plan, own);
        invariant(!(kernel instanceof Promise), `a kernel of '${plan.kind}' is made at once`);
        return kernel;
      };
    }
  }
}

/** The plan of the kernel that reads the parameters: its only input is that of the rows. */
export function withoutParameters(plan: OperatorPlan): OperatorPlan {
  if (plan.parameters === undefined) return plan;
  return { ...plan, parameters: undefined, inputs: plan.inputs.slice(0, 1) };
}
