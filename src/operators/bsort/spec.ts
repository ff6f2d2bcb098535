/**
 * The meaning of a bsort: rows that are nearly in order leave in better order. Of each group a buffer is
 * kept; when it is full, its least row leaves. What is left leaves in order at the end.
 *
 * A row that is less than one that has left leaves as soon as it is the least of its buffer, so the
 * order is approximate: nothing is dropped.
 *
 * With a time to live, all rows of a group leave when none has come for so long, and the group begins anew.
 *
 * @module
 */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { BsortOperator } from '../../core/topology/model.ts';
import { TIMESTAMP, typeName, unitsInOne } from '../../core/types.ts';
import type { DurationUs } from '../../core/units.ts';
import type { RecordOrderKey } from '../../state/index.ts';
import { groupDistribution, planGroups, planOrder, sameColumns } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Plain data. */
export interface BsortConfig {
  /** `undefined`: by event time. */
  readonly orderBy: readonly RecordOrderKey[] | undefined;
  readonly groupBy: readonly number[];
  /** Rows of a group that are kept back; `undefined`: by range. */
  readonly slack: number | undefined;
  /** How far apart kept values may lie, in the units in which values are kept. */
  readonly span: number;
  /** `undefined`: groups live for ever. */
  readonly ttlUs: DurationUs | undefined;
}

/** What a bsort means. */
export const bsortSpec: OperatorSpec<BsortOperator> = {
  kind: 'bsort',

  plan(node, inputs, report): OperatorPlan | undefined {
    const input = inputs[0]!;
    const { issue, isSound } = noteIssues(report);
    if (node.orderBy.length === 0 && !input.stream.hasTime) {
      issue(
        [],
        `'${input.name}' has no event time to sort by; give its source a 'time', or write 'orderBy'`,
      );
    }
    if (node.ttlUs !== undefined && !input.stream.hasTime) {
      issue(['ttl'], `'${input.name}' has no event time to go by; give its source a 'time'`);
    }
    const orderBy = planOrder(node.orderBy, input, issue);
    const groupBy = planGroups(node.groupBy, 'groupBy', input, issue);
    if (!isSound()) return undefined;
    const span = planSpan(node, input, orderBy, issue);
    if (span === undefined) return undefined;
    const { buffer } = node;
    const config: BsortConfig = {
      orderBy: orderBy.length === 0 ? undefined : orderBy,
      groupBy,
      slack: buffer.kind === 'rows' ? buffer.rows : undefined,
      span,
      ttlUs: node.ttlUs,
    };
    const { stream } = input;
    const out = { name: 'out', stream, repeats: sameColumns(stream.schema) };
    return {
      kind: 'bsort',
      note: buffer.kind === 'rows' ? `${buffer.rows} rows` : 'by range',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([out], node.onError),
      distribution: groupDistribution([groupBy]),
      onError: node.onError,
    };
  },
};

/** The range of kept values; 0 where rows are counted. */
function planSpan(
  { buffer }: BsortOperator,
  { stream }: InputStream,
  orderBy: readonly RecordOrderKey[],
  issue: ReportIssue,
): number | undefined {
  if (buffer.kind === 'rows') return 0;
  const { span, isDuration } = buffer;
  const type = orderBy.length === 0 ? TIMESTAMP : stream.schema[orderBy[0]!.column]!.type;
  const wantsDuration = type.kind === 'timestamp' || type.kind === 'duration';
  if (wantsDuration !== isDuration) {
    const expected = wantsDuration ? 'a duration such as "5s"' : 'a number';
    issue(['range'], `the order is by a ${typeName(type)}: expected ${expected}`);
    return undefined;
  }
  const scale = unitsInOne(type);
  if (scale === undefined) {
    issue(['range'], `values of type ${typeName(type)} have no distance: expected 'slack'`);
    return undefined;
  }
  return span * scale;
}
