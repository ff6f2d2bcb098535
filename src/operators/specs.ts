/** What every operator means, by kind. For the planner and for editors. @module */

import type { InputStream, OperatorPlan, ReportIssue } from '../core/operator.ts';
import { invariant } from '../core/invariant.ts';
import type { OperatorNode } from '../core/topology/model.ts';
import { aggregateSpec } from './aggregate/spec.ts';
import { joinSpec } from './join/spec.ts';

/** Plans any operator; `undefined` when something was reported. */
export function planOperator(
  node: OperatorNode,
  inputs: readonly InputStream[],
  report: ReportIssue,
): OperatorPlan | undefined {
  switch (node.type) {
    case 'aggregate':
      return aggregateSpec.plan(node, inputs, report);
    case 'join':
      return joinSpec.plan(node, inputs, report);
    default:
      invariant(false, `no operator '${node.type}'`);
  }
}
