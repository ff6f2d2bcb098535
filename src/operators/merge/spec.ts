/**
 * The meaning of a merge: inputs that are in order become one stream in that order.
 *
 * A row waits until every input has a row, or is known to have none before it: by the largest value it
 * has had, by its watermark where the order is event time, or because it has ended or is idle. A row
 * with a value below one that its input has had counts as having the largest value so far, so that it
 * leaves at once; its value stays as it is. Rows with equal values leave in the order of the inputs, so
 * the result does not depend on which input is faster.
 *
 * @module
 */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import { sameSchema } from '../../core/schema.ts';
import type { MergeOperator } from '../../core/topology/model.ts';
import { storageOf, typeName } from '../../core/types.ts';
import type { RecordOrderKey } from '../../state/index.ts';
import { findColumn, groupDistribution, planGroups } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';
import { difference } from '../union/spec.ts';

/** Plain data. */
export interface MergeConfig {
  /** `undefined`: event time. */
  readonly orderBy: RecordOrderKey | undefined;
  readonly groupBy: readonly number[];
}

/** What a merge means. */
export const mergeSpec: OperatorSpec<MergeOperator> = {
  kind: 'merge',

  plan(node, inputs, report): OperatorPlan | undefined {
    const [first] = inputs as [InputStream];
    const { issue, isSound } = noteIssues(report);
    inputs.forEach((input, i) => {
      if (sameSchema(first.stream.schema, input.stream.schema)) return;
      issue(['inputs', i], difference(first, input));
    });
    const hasTime = inputs.every(({ stream }) => stream.hasTime);
    const orderBy = planKey(node, inputs, issue);
    const groupBy = planGroups(node.groupBy, 'groupBy', first, issue);
    if (!isSound()) return undefined;
    const config: MergeConfig = { orderBy, groupBy };
    const { schema } = first.stream;
    return {
      kind: 'merge',
      config,
      inputs: inputs.map(({ stream }) => stream),
      outputs: withErrorsPort([{ name: 'out', stream: { schema, hasTime } }], node.onError),
      distribution: groupDistribution(inputs.map(() => groupBy)),
      onError: node.onError,
    };
  },
};

function planKey(
  { orderBy }: MergeOperator,
  inputs: readonly InputStream[],
  issue: ReportIssue,
): RecordOrderKey | undefined {
  if (orderBy === undefined) {
    inputs.forEach(({ name, stream }, i) => {
      if (stream.hasTime) return;
      const message = `'${name}' has no event time to order by`;
      issue(['inputs', i], `${message}; give its source a 'time', or write 'orderBy'`);
    });
    return undefined;
  }
  const column = findColumn(orderBy.column, inputs[0]!, ['orderBy'], issue);
  const type = inputs[0]!.stream.schema[column]?.type;
  if (type !== undefined && storageOf(type) === 'view') {
    const message = `column '${orderBy.column}' is of type ${typeName(type)}`;
    issue(['orderBy'], `${message}; expected one of numbers or times`);
  }
  return { column, direction: orderBy.descending ? -1 : 1 };
}
