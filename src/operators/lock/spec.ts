/**
 * The meaning of a lock: of each key one row passes, and the next one when an unlock of the same lock set
 * has had it. Rows of a key pass in the order in which they came.
 *
 * What is between lock and unlock keeps no rows and runs on the same worker, see `locksets.ts` of the
 * planner. So a key is only locked for good where its row was dropped between the two; what waits for it
 * then leaves on the port `waiting` at the end.
 *
 * @module
 */

import type { OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { LockOperator } from '../../core/topology/model.ts';
import { groupDistribution, planGroups } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Ports of the node. */
export const Port = { OUT: 0, WAITING: 1 } as const;

/** Plain data. */
export interface LockConfig {
  readonly keys: readonly number[];
  readonly lockset: string;
}

/** What a lock means. */
export const lockSpec: OperatorSpec<LockOperator> = {
  kind: 'lock',

  plan(node, inputs, report): OperatorPlan | undefined {
    const input = inputs[0]!;
    const { stream } = input;
    const { issue, isSound } = noteIssues(report);
    const keys = planGroups(node.key, 'key', input, issue);
    if (!isSound()) return undefined;
    const config: LockConfig = { keys, lockset: node.lockset };
    const ports = [
      { name: 'out', stream },
      { name: 'waiting', stream },
    ];
    return {
      kind: 'lock',
      note: node.lockset,
      config,
      inputs: [stream],
      outputs: withErrorsPort(ports, node.onError),
      distribution: groupDistribution([keys]),
      onError: node.onError,
    };
  },
};
