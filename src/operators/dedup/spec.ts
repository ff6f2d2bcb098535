/**
 * The meaning of a dedup: one row of those with the same key, the first to come or the last.
 *
 * With a distance, rows of one key make *runs*: the first of a run is kept, and a row is of it that is at
 * most so much later than the row that was kept (first), or than the newest of the run (last).
 *
 * @module
 */

import { CHANGE_FIELD } from '../../core/changes.ts';
import type { OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { DedupOperator } from '../../core/topology/model.ts';
import type { DurationUs } from '../../core/units.ts';
import { groupDistribution, planGroups, sameColumns } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Ports of the node. */
export const Port = { OUT: 0, LATE: 1 } as const;

/** Plain data. */
export interface DedupConfig {
  readonly keys: readonly number[];
  readonly keepsLast: boolean;
  /** `undefined`: any distance. */
  readonly withinUs: DurationUs | undefined;
  /** Each newer row leaves, with the change in the last column. */
  readonly givesChanges: boolean;
  /** Keys are forgotten at the limit of the state. */
  readonly evicts?: boolean;
}

/** What a dedup means. */
export const dedupSpec: OperatorSpec<DedupOperator> = {
  kind: 'dedup',
  replays: true,

  plan(node, inputs, report): OperatorPlan | undefined {
    const input = inputs[0]!;
    const { stream } = input;
    const { issue, isSound } = noteIssues(report);
    const keys = planGroups(node.key, 'key', input, issue);
    if (node.withinUs !== undefined && !stream.hasTime) {
      issue(['within'], `'${input.name}' has no event time; give its source a 'time'`);
    }
    const givesChanges = node.emit === 'onChange';
    if (givesChanges && fieldIndex(stream.schema, CHANGE_FIELD.name) >= 0) {
      issue(
        ['emit'],
        `'${input.name}' has a column '${CHANGE_FIELD.name}' already; rename it before`,
      );
    }
    if (!isSound()) return undefined;
    const config: DedupConfig = {
      keys,
      keepsLast: node.keep === 'last',
      withinUs: node.withinUs,
      givesChanges,
      ...(node.onLimit === 'evict' ? { evicts: true } : {}),
    };
    const changes = {
      schema: [...stream.schema, CHANGE_FIELD],
      hasTime: stream.hasTime,
      change: stream.schema.length,
    };
    const repeats = sameColumns(stream.schema);
    const out = { name: 'out', stream: givesChanges ? changes : stream, repeats };
    const ports = node.withinUs === undefined ? [out] : [out, { name: 'late', stream }];
    return {
      kind: 'dedup',
      note: node.keep,
      config,
      inputs: [stream],
      outputs: withErrorsPort(ports, node.onError),
      distribution: groupDistribution([keys]),
      onError: node.onError,
    };
  },
};
