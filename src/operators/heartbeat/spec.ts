/** What `heartbeat` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { HeartbeatOperator } from '../../core/topology/model.ts';
import type { DurationUs } from '../../core/units.ts';
import { columnOfKind } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface HeartbeatConfig {
  /** Position of the column whose time is told. */
  readonly field: number;
  readonly everyUs: DurationUs;
  readonly slackUs: DurationUs | undefined;
}

/**
 * `heartbeat` passes rows on and adds others that say how far time has come: in front of the first row
 * whose time reaches a multiple of `every`, a row of that time; of several multiples that one row
 * passes, the last. After a silence of `every` and `slack` by the worker's clock, a row of the last
 * multiple that the clock has passed. One task sees all rows.
 */
export const heartbeatSpec: OperatorSpec<HeartbeatOperator> = {
  kind: 'heartbeat',

  plan(
    node: HeartbeatOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const field = columnOfKind(node.field, 'timestamp', input, ['field'], report);
    if (field === undefined) return undefined;
    const { everyUs, slackUs } = node;
    const config: HeartbeatConfig = { field, everyUs, slackUs };
    return {
      kind: 'heartbeat',
      note: `every ${everyUs / 1e6} s`,
      time: slackUs === undefined ? 'event' : 'both',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: input.stream }], node.onError),
      distribution: { kind: 'single' },
      onError: node.onError,
    };
  },
};
