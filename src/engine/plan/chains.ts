/** Which tasks of a worker are one kernel. Pure. @module */

import { ChainBuilder } from '../../operators/specs.ts';
import type { ChainPlan, TaskPlan } from '../../workers/protocol.ts';

/**
 * Finds chains: each task hands its rows to the next one, on the same worker, and to nobody else, and the
 * next one gets no others. A task is in one chain at most.
 *
 * @param tasks - upstream before downstream
 */
export function planChains(tasks: readonly TaskPlan[]): readonly ChainPlan[] {
  const taken = new Set<number>();
  const chains: ChainPlan[] = [];
  for (const first of tasks) {
    if (taken.has(first.id)) continue;
    const chain = chainFrom(first, tasks);
    if (chain === undefined) continue;
    for (const id of chain.tasks) taken.add(id);
    chains.push(chain);
  }
  return chains;
}

function chainFrom(first: TaskPlan, tasks: readonly TaskPlan[]): ChainPlan | undefined {
  if (first.role.type !== 'operator') return undefined;
  const builder = new ChainBuilder(first.role.plan);
  const chain: number[] = [];
  for (let task: TaskPlan | undefined = first; task !== undefined; task = nextOf(task, tasks)) {
    const { role } = task;
    const isAdded = role.type === 'operator' && role.stage === 'whole' && builder.add(role.plan);
    if (!isAdded) break;
    chain.push(task.id);
  }
  return builder.isWorthIt ? { tasks: chain, program: builder.finish() } : undefined;
}

/** The task that alone gets what a task hands on, and nothing else. */
function nextOf({ outputs }: TaskPlan, tasks: readonly TaskPlan[]): TaskPlan | undefined {
  const [edge, ...others] = outputs[0]?.edges ?? [];
  if (edge?.kind !== 'forward' || edge.target.kind !== 'local' || others.length > 0)
    return undefined;
  const next = tasks[edge.target.task]!;
  return next.channels.length === 1 ? next : undefined;
}
