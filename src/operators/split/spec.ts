/**
 * The meaning of a split: all rows on each output, with a promise of order. What reads the first output,
 * as far as it is on the same worker and keeps no rows back, is done with rows before the next output
 * gets them.
 *
 * @module
 */

import type { OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { SplitOperator } from '../../core/topology/model.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Plain data. */
export interface SplitConfig {
  /** How many outputs there are. */
  readonly outputs: number;
  /** Rows go one by one. */
  readonly isByRow: boolean;
}

/** What a split means. */
export const splitSpec: OperatorSpec<SplitOperator> = {
  kind: 'split',
  takesChanges: true,

  plan(node, [input]): OperatorPlan {
    const { stream } = input!;
    const config: SplitConfig = { outputs: node.outputs.length, isByRow: node.each === 'row' };
    const ports = node.outputs.map((name) => ({ name, stream }));
    return {
      kind: 'split',
      note: config.isByRow ? 'row by row' : undefined,
      config,
      inputs: [stream],
      outputs: withErrorsPort(ports, node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
