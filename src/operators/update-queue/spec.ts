/** What `update_queue` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { UpdateQueueOperator } from '../../core/topology/model.ts';
import type { DurationUs } from '../../core/units.ts';
import { groupDistribution, planGroups } from '../named-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface UpdateQueueConfig {
  /** Positions of columns. */
  readonly key: readonly number[];
  readonly windowUs: DurationUs | undefined;
}

/**
 * `update_queue` hands rows on as long as there is room, and takes rows when there is none: then the newest
 * row of a key takes the place of an older one that waits. It stands for the update queues of Borealis,
 * INPLACE without a window, LINECUT with one.
 */
export const updateQueueSpec: OperatorSpec<UpdateQueueOperator> = {
  kind: 'update_queue',

  plan(
    node: UpdateQueueOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const { stream } = input;
    const key = planGroups(node.key, 'key', input, report);
    if (node.windowUs !== undefined && !stream.hasTime) {
      report(['window'], `'${input.name}' has no event time; give its source a 'time'`);
      return undefined;
    }
    if (key.some((at) => at < 0 || stream.schema[at]?.type.kind === 'json')) return undefined;
    const config: UpdateQueueConfig = { key, windowUs: node.windowUs };
    return {
      kind: 'update_queue',
      time: 'both',
      queues: true,
      config,
      inputs: [stream],
      outputs: withErrorsPort([{ name: 'out', stream }], node.onError),
      distribution: groupDistribution([key]),
      onError: node.onError,
    };
  },
};
