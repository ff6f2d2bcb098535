/** What `sunion` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import { sameSchema, type Schema } from '../../core/schema.ts';
import type { SunionOperator } from '../../core/topology/model.ts';
import { INT64, TIMESTAMP } from '../../core/types.ts';
import type { DurationUs } from '../../core/units.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';
import { difference } from '../union/spec.ts';

/** Ports of the node. */
export const Port = { OUT: 0, LATE: 1, BOUNDARIES: 2 } as const;

/** What the kernel goes by. */
export interface SunionConfig {
  readonly intervalUs: DurationUs;
}

/** What there is to say of a bucket whose rows have left. */
export const BOUNDARY: Schema = [
  { name: 'bucket_start', type: TIMESTAMP },
  { name: 'bucket_end', type: TIMESTAMP },
  { name: 'rows', type: INT64 },
];

/**
 * `sunion` is all rows of all inputs in one order: Borealis' box of that name. Time is cut into buckets; the
 * rows of one leave together, when the watermarks of all inputs are beyond it, ordered by their time, the
 * number of their input and their values. So two that read the same rows give the same sequence, however
 * the inputs interleave.
 */
export const sunionSpec: OperatorSpec<SunionOperator> = {
  kind: 'sunion',

  plan(node, inputs, report): OperatorPlan | undefined {
    const [first] = inputs as [InputStream];
    const { issue, isSound } = noteIssues(report);
    inputs.forEach((input, i) => {
      if (!sameSchema(first.stream.schema, input.stream.schema)) {
        issue(['inputs', i], difference(first, input));
      }
      if (!input.stream.hasTime) {
        issue(['inputs', i], `'${input.name}' has no event time; give its source a 'time'`);
      }
    });
    if (!isSound()) return undefined;
    const config: SunionConfig = { intervalUs: node.intervalUs };
    const stream = { schema: first.stream.schema, hasTime: true };
    return {
      kind: 'sunion',
      config,
      inputs: inputs.map((input) => input.stream),
      outputs: withErrorsPort(
        [
          { name: 'out', stream },
          { name: 'late', stream },
          { name: 'boundaries', stream: { schema: BOUNDARY, hasTime: true } },
        ],
        node.onError,
      ),
      distribution: { kind: 'single' },
      onError: node.onError,
    };
  },
};
