/** Which sources meet in a join or merge, and so must keep pace with each other. Pure. @module */

import { SHED_STREAM } from '../../core/shed-stream.ts';
import type { OperatorNode } from '../../core/topology/index.ts';
import type { LogicalNode, LogicalPlan } from './logical-plan.ts';

/** Names of the sources whose rows meet those of `source` in a join or merge, or wait for them; with `source`, if there are any. */
export function pacedSources(plan: LogicalPlan, source: string): ReadonlySet<string> {
  const partners = new Set<string>();
  for (const node of plan.nodes) {
    if (node.type !== 'operator') continue;
    const waits = node.plan.parameters?.control?.effect === 'event' || isBounded(node.node);
    if (!waits) continue;
    const group = sourcesBehind(plan, node);
    if (!group.has(source)) continue;
    for (const name of group) partners.add(name);
  }
  // What was shed is told by the clock: nobody keeps pace with it.
  if (source === SHED_STREAM) return new Set();
  partners.delete(SHED_STREAM);
  return partners;
}

/** One that lets rows go as its other inputs go on. A join without a bound keeps them anyway. */
function isBounded(node: OperatorNode): boolean {
  if (node.type === 'sunion') return true;
  if (node.type === 'merge') return node.orderBy === undefined;
  if (node.type !== 'join') return false;
  return node.reach.kind !== 'unbounded' || node.reach.ttlUs !== undefined;
}

/** The sources that a node's rows come from, over any number of operators. */
export function sourcesBehind(plan: LogicalPlan, node: LogicalNode): ReadonlySet<string> {
  const byName = new Map(plan.nodes.map((other) => [other.name, other]));
  const found = new Set<string>();
  const visit = (current: LogicalNode): void => {
    if (current.type === 'source') found.add(current.name);
    else for (const input of current.inputs) visit(byName.get(input.node)!);
  };
  visit(node);
  return found;
}
