/** What tasks are called in plans and in figures of running engines. Pure. @module */

import type { Stage } from '../../core/operator.ts';
import { HOST, type PhysicalPlan, type TaskPlan } from '../../workers/protocol.ts';

/** `per_ad`; `per_ad#1` where a node has several tasks; `per_ad.local#1` for its local stages. */
export function labelOf(plan: PhysicalPlan, id: number): string {
  if (id === HOST) return 'host';
  const task = plan.tasks[id]!;
  const name = stageOf(task) === 'local' ? `${task.node}.local` : task.node;
  return task.instances === 1 ? name : `${name}#${task.instance}`;
}

/** Which part of its node's work a task does. */
export function stageOf({ role }: TaskPlan): Stage {
  return role.type === 'operator' ? role.stage : 'whole';
}
