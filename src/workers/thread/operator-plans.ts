/** What plans of operators say to who wires them. @module */

import { invariant } from '../../core/invariant.ts';
import type { OperatorPlan } from '../../core/operator.ts';
import type { TaskPlan } from '../protocol.ts';

/** The input of an operator that changes its parameters or carries requests; -1: it has none. */
export function controlPortOf({ parameters, isAsked, inputs }: OperatorPlan): number {
  return parameters?.control === undefined && isAsked !== true ? -1 : inputs.length - 1;
}

/** The plan of a task that is an operator. */
export function operatorOf({ role }: TaskPlan): OperatorPlan {
  invariant(role.type === 'operator', 'a chain is made of operators');
  return role.plan;
}
