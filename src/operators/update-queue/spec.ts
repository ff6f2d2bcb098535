/** What `update_queue` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { UpdateQueueOperator } from '../../core/topology/model.ts';
import type { DurationUs } from '../../core/units.ts';
import { typeName } from '../../core/types.ts';
import { columnOf } from '../added-columns.ts';
import { groupDistribution, planGroups } from '../named-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Types that a priority may have. */
const NUMBERS: readonly string[] = [
  'int32',
  'int64',
  'float64',
  'decimal',
  'timestamp',
  'duration',
];

/** What the kernel goes by. */
export interface UpdateQueueConfig {
  /** Positions of columns. */
  readonly key: readonly number[];
  readonly windowUs: DurationUs | undefined;
  readonly policy: UpdateQueueOperator['policy'];
  /** Position of the column of priorities; -1: there is none. */
  readonly priority: number;
}

/**
 * `update_queue` hands rows on as long as there is room, and takes rows when there is none: then the newest
 * row, or window of rows, of a key takes the place of an older one that waits. Keys go in the order in which
 * they came, those later that change often, or by a priority: INPLACE, LINECUT and PRIOR of the update
 * queues of Borealis.
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
    const priority =
      node.priority === undefined
        ? undefined
        : columnOf(node.priority, input, ['priority'], report);
    if (node.priority !== undefined && priority === undefined) return undefined;
    if (priority !== undefined && !NUMBERS.includes(stream.schema[priority]!.type.kind)) {
      const found = typeName(stream.schema[priority]!.type);
      report(['priority'], `expected a column of numbers or times; '${node.priority}' is ${found}`);
      return undefined;
    }
    if (key.some((at) => at < 0 || stream.schema[at]?.type.kind === 'json')) return undefined;
    const { windowUs, policy } = node;
    const config: UpdateQueueConfig = { key, windowUs, policy, priority: priority ?? -1 };
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
