/** What `delay` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { DelayOperator } from '../../core/topology/model.ts';
import type { DurationUs } from '../../core/units.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface DelayConfig {
  readonly forUs: DurationUs;
  readonly churn: number;
}

/**
 * `delay` holds rows and watermarks for a while and burns time, as Borealis' box of that name does to
 * make load for tests. Rows keep their order. When it holds as much as it may it takes no more, which
 * is back-pressure; the end of the input lets all go.
 */
export const delaySpec: OperatorSpec<DelayOperator> = {
  kind: 'delay',
  takesChanges: true,

  plan({ forUs, churn, onError }: DelayOperator, inputs: readonly InputStream[]): OperatorPlan {
    const { stream } = inputs[0]!;
    const config: DelayConfig = { forUs, churn };
    return {
      kind: 'delay',
      note: `${forUs / 1000} ms`,
      time: forUs === 0 ? 'event' : 'both',
      config,
      inputs: [stream],
      outputs: withErrorsPort([{ name: 'out', stream }], onError),
      distribution: { kind: 'any' },
      onError,
    };
  },
};
