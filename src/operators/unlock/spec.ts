/**
 * The meaning of an unlock: all rows, as they come. Each says that the next row of its key may pass the
 * lock of the same lock set.
 *
 * @module
 */

import type { OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { UnlockOperator } from '../../core/topology/model.ts';
import type { LockConfig } from '../lock/spec.ts';
import { planGroups } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What an unlock means. */
export const unlockSpec: OperatorSpec<UnlockOperator> = {
  kind: 'unlock',

  plan(node, inputs, report): OperatorPlan | undefined {
    const input = inputs[0]!;
    const { issue, isSound } = noteIssues(report);
    const keys = planGroups(node.key, 'key', input, issue);
    if (!isSound()) return undefined;
    const config: LockConfig = { keys, lockset: node.lockset };
    return {
      kind: 'unlock',
      note: node.lockset,
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: input.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
