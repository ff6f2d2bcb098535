/** What `sequence` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { SequenceOperator } from '../../core/topology/model.ts';
import { INT64 } from '../../core/types.ts';
import { planAdded } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface SequenceConfig {
  readonly start: number;
  readonly step: number;
}

/**
 * `sequence` numbers rows without gaps, in the order in which they reach its one task. Which row gets
 * which number depends on that order, where several sources meet before it.
 */
export const sequenceSpec: OperatorSpec<SequenceOperator> = {
  kind: 'sequence',

  plan(
    node: SequenceOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const added = planAdded(input, [], [{ name: node.as, type: INT64 }], ['as'], report);
    if (added === undefined) return undefined;
    const config: SequenceConfig = { start: node.start, step: node.step };
    return {
      kind: 'sequence',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: added.stream }], node.onError),
      distribution: { kind: 'single' },
      onError: node.onError,
    };
  },
};
