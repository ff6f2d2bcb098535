/** Which rings rows of a task have come by. @module */

import type { PhysicalPlan, TargetPlan } from '../../../protocol.ts';

/** The rings whose rows, or what is made of them, reach a task. */
export function waysTo({ tasks, rings }: PhysicalPlan, task: number): ReadonlySet<number> {
  const reaching = new Set([task]);
  const found = new Set<number>();
  for (let size = -1; size !== reaching.size + found.size;) {
    size = reaching.size + found.size;
    for (const { id, consumers } of rings) {
      if (consumers.some((consumer) => reaching.has(consumer.task))) found.add(id);
    }
    for (const { id, outputs } of tasks) {
      const targets = outputs.flatMap(({ edges }) =>
        edges.flatMap((edge) => (edge.kind === 'forward' ? [edge.target] : edge.targets)),
      );
      if (targets.some((target) => leads(target, reaching, found))) reaching.add(id);
    }
  }
  return found;
}

function leads(
  target: TargetPlan,
  reaching: ReadonlySet<number>,
  rings: ReadonlySet<number>,
): boolean {
  return target.kind === 'ring' ? rings.has(target.ring) : reaching.has(target.task);
}
