/** What `throttle` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { ThrottleOperator } from '../../core/topology/model/throttle.ts';
import { sameColumns } from '../named-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface ThrottleConfig {
  /** Rows a second, of all tasks together; Infinity: any. */
  readonly rate: number;
  readonly burst: number;
  /** Rows for which there is no room are dropped. */
  readonly dropsWhenFull: boolean;
}

/**
 * `throttle` drops rows above a rate, or for which there is no room: two of the policies that S4 has for
 * each link, where the third, to block, is what all links do.
 */
export const throttleSpec: OperatorSpec<ThrottleOperator> = {
  kind: 'throttle',

  plan(
    { rate, burst, onFull, onError }: ThrottleOperator,
    inputs: readonly InputStream[],
  ): OperatorPlan {
    const { stream } = inputs[0]!;
    const dropsWhenFull = onFull === 'drop';
    const config: ThrottleConfig = { rate: rate ?? Infinity, burst, dropsWhenFull };
    const out = { name: 'out', stream, repeats: sameColumns(stream.schema) };
    return {
      kind: 'throttle',
      note: [rate === undefined ? [] : `${rate}/s`, dropsWhenFull ? 'drops when full' : []]
        .flat()
        .join(', '),
      time: 'both',
      ...(dropsWhenFull ? { queues: true } : {}),
      config,
      inputs: [stream],
      outputs: withErrorsPort([out], onError),
      distribution: { kind: 'any' },
      onError,
    };
  },
};
