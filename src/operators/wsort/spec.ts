/**
 * The meaning of a wsort: rows in order of event time. A row leaves when the watermark is beyond it;
 * a late one has missed its turn and goes to the port `late`.
 *
 * Without event time all rows leave at the end, in order of the columns of `orderBy`.
 *
 * @module
 */

import type { OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { WsortOperator } from '../../core/topology/model.ts';
import type { DurationUs } from '../../core/units.ts';
import type { RecordOrderKey } from '../../state/index.ts';
import { groupDistribution, planGroups, planOrder, sameColumns } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Ports of the node. */
export const Port = { OUT: 0, LATE: 1 } as const;

/** Plain data. */
export interface WsortConfig {
  readonly orderBy: readonly RecordOrderKey[];
  /** Infinity: none. */
  readonly timeoutUs: DurationUs;
}

/** What a wsort means. */
export const wsortSpec: OperatorSpec<WsortOperator> = {
  kind: 'wsort',

  plan(node, inputs, report): OperatorPlan | undefined {
    const input = inputs[0]!;
    const { stream } = input;
    const { issue, isSound } = noteIssues(report);
    if (!stream.hasTime && node.orderBy.length === 0) {
      const message = `'${input.name}' has no event time to sort by`;
      issue([], `${message}; give its source a 'time', or write 'orderBy' to sort all of it`);
    }
    if (!stream.hasTime && node.timeoutUs !== undefined) {
      issue(['timeout'], `'${input.name}' has no event time; without it rows leave at the end`);
    }
    const orderBy = planOrder(node.orderBy, input, issue);
    const groupBy = planGroups(node.groupBy, 'groupBy', input, issue);
    if (!isSound()) return undefined;
    const config: WsortConfig = { orderBy, timeoutUs: node.timeoutUs ?? Infinity };
    const ports = [
      { name: 'out', stream, repeats: sameColumns(stream.schema) },
      { name: 'late', stream },
    ];
    return {
      kind: 'wsort',
      config,
      inputs: [stream],
      outputs: withErrorsPort(ports, node.onError),
      distribution: groupDistribution([groupBy]),
      onError: node.onError,
    };
  },
};
