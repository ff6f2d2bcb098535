/** What `random_drop` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { RandomDropOperator } from '../../core/topology/model.ts';
import { hashedColumns } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface RandomDropConfig {
  readonly rate: number;
  readonly seed: number;
  /** Positions of columns. */
  readonly groupBy: readonly number[];
}

/**
 * `random_drop` drops a share of the rows, as Borealis' box of that name does: each row by itself, by a
 * generator of the task's own, or by a hash of columns. Only the latter is the same for any number of
 * workers. What is dropped is the difference of `rowsIn` and `rowsOut`.
 */
export const randomDropSpec: OperatorSpec<RandomDropOperator> = {
  kind: 'random_drop',

  plan(
    node: RandomDropOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const groupBy = hashedColumns(node.groupBy, input, 'groupBy', report);
    if (groupBy === undefined) return undefined;
    const config: RandomDropConfig = { rate: node.rate, seed: node.seed, groupBy };
    return {
      kind: 'random_drop',
      note: String(node.rate),
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: input.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
