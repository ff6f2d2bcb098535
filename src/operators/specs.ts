/** What each kind of operator means. @module */

import type { InputStream, OperatorPlan, ReportIssue } from '../core/operator.ts';
import type { OperatorNode } from '../core/topology/model.ts';
import { aggregateSpec } from './aggregate/spec.ts';
import { filterSpec } from './filter/spec.ts';
import { joinSpec } from './join/spec.ts';
import { lookupSpec } from './lookup/spec.ts';
import { mapSpec } from './map/spec.ts';
import { moduleSpec } from './module/spec.ts';
import { topSpec } from './top/spec.ts';
import { unionSpec } from './union/spec.ts';

export { ChainBuilder } from './chain/chain.ts';

/**
 * Checks an operator against its inputs and resolves names and types.
 *
 * @returns the plan, or `undefined` when something was reported
 */
export function planOperator(
  node: OperatorNode,
  inputs: readonly InputStream[],
  report: ReportIssue,
): OperatorPlan | undefined {
  switch (node.type) {
    case 'filter':
      return filterSpec.plan(node, inputs, report);
    case 'map':
      return mapSpec.plan(node, inputs, report);
    case 'union':
      return unionSpec.plan(node, inputs, report);
    case 'aggregate':
      return aggregateSpec.plan(node, inputs, report);
    case 'top':
      return topSpec.plan(node, inputs, report);
    case 'join':
      return joinSpec.plan(node, inputs, report);
    case 'lookup':
      return lookupSpec.plan(node, inputs, report);
    case 'module':
      return moduleSpec.plan(node, inputs, report);
  }
}
