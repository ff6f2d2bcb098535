/** `resample` in documents. @module */

import * as z from 'zod';
import { listOf, object, option, positiveDuration, streamName, text } from '../document/parts.ts';
import type { ResampleOperator } from '../model/resample.ts';
import { durationUs } from '../normalize-values.ts';
import { LATE_PORT, MAIN_PORT } from '../ports.ts';
import { columnNames, common, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';
import { revisable } from './revisions.ts';

const document = object('an operator', {
  type: z
    .literal('resample')
    .describe(
      'Adds to each row of the first input what values of the second are at its time, between those that it has.',
    ),
  inputs: listOf('a list of two streams such as ["trades", "quotes"]', streamName()).describe(
    'The rows, and the values.',
  ),
  key: columnNames('Columns that a row and its values have in common. None if left out.'),
  values: listOf('a list of columns such as ["price"]', text('the name of a column')).describe(
    'Columns of numbers of the second input.',
  ),
  method: option('method', ['linear', 'previous', 'nearest'])
    .describe(
      'What the value is at a time between two: on the line between them (default), that of the one before, or ' +
        'that of the nearer one.',
    )
    .optional(),
  within: positiveDuration('10s')
    .describe('How far in event time values may be from a row; "previous" does without.')
    .optional(),
  ...limited,
  ...revisable,
  ...common,
}).meta({ title: 'resample operator' });

/** How the reader of topologies handles a resample. */
export const resampleKind: OperatorKind<typeof document, ResampleOperator> = {
  document,
  inputs: 'several',
  check({ inputs, method, within }, report) {
    if (inputs !== undefined && report.isOfKind('inputs') && inputs.length !== 2) {
      report.add(['inputs'], `expected two streams, found ${inputs.length}`);
    }
    if (within === undefined && method !== 'previous') {
      const message = `missing property 'within'`;
      report.add(
        [],
        `${message}: how far in time the values may be, for all methods but "previous"`,
      );
    }
  },
  normalize: (node) => ({
    type: 'resample',
    key: node.key ?? [],
    values: node.values,
    method: node.method ?? 'linear',
    withinUs: durationUs(node.within, undefined),
  }),
  ports: () => [MAIN_PORT, LATE_PORT],
};
