/** Who works on the rows of a gate. Pure. @module */

import type { EdgePlan, PhysicalPlan } from '../../workers/protocol.ts';
import { HOST } from '../../workers/protocol.ts';

/** Tasks that rows of a task reach, itself left out. */
export function tasksBehind({ tasks, rings }: PhysicalPlan, from: number): readonly number[] {
  const found = new Set<number>();
  const targetsOf = (edge: EdgePlan): readonly number[] =>
    (edge.kind === 'forward' ? [edge.target] : edge.targets).flatMap((target) =>
      target.kind === 'local'
        ? [target.task]
        : rings[target.ring]!.consumers.map(({ task }) => task),
    );
  const visit = (id: number): void => {
    for (const next of tasks[id]!.outputs.flatMap(({ edges }) => edges.flatMap(targetsOf))) {
      if (next === HOST || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(from);
  return [...found];
}

/** The workers of those tasks, in the order of their numbers. */
export function workersBehind(plan: PhysicalPlan, from: number): readonly number[] {
  const workers = new Set(tasksBehind(plan, from).map((task) => plan.tasks[task]!.worker));
  return [...workers].toSorted((a, b) => a - b);
}
