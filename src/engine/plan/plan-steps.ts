/** Operators that are several, one after the other: a node of the plan for each. Pure. @module */

import type { OperatorPlan } from '../../core/operator.ts';
import type { OperatorNode } from '../../core/topology/index.ts';
import type { LogicalInput, LogicalNode } from './logical-plan.ts';

/**
 * The nodes of an operator. The last has its name, those before it `NAME/1`, `NAME/2` and so on.
 *
 * @param inputs - of the operator
 */
export function stepsOf(
  node: OperatorNode,
  { steps, ...plan }: OperatorPlan,
  inputs: readonly LogicalInput[],
): readonly LogicalNode[] {
  const last = { type: 'operator', name: node.name, node } as const;
  if (steps === undefined) return [{ ...last, plan, inputs, outputs: plan.outputs }];
  let before: LogicalInput | undefined;
  return steps.map((step, s): LogicalNode => {
    const isLast = s === steps.length - 1;
    const name = isLast ? node.name : `${node.name}/${s + 1}`;
    const given = step.inputs.map((input) => (input === 'step' ? before! : inputs[input]!));
    const { outputs } = step.plan;
    before = { node: name, port: 0, stream: outputs[0]!.stream };
    return { ...last, name, plan: step.plan, inputs: given, outputs };
  });
}
