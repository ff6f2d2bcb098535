/** `update_queue` in documents. @module */

import * as z from 'zod';
import { listOf, object, option, positiveDuration, text } from '../document/parts.ts';
import type { UpdateQueueOperator } from '../model/update-queue.ts';
import { durationUs } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';

const document = object('an operator', {
  type: z
    .literal('update_queue')
    .describe('Rows that wait for room behind it are replaced by newer rows of their key.'),
  key: listOf('a list of columns such as ["symbol"]', text('the name of a column')).describe(
    'Columns of which the newest row counts.',
  ),
  window: positiveDuration('10s')
    .describe('Whole windows of this length, in event time, take the place of older ones.')
    .optional(),
  policy: option('policy', ['inPlace', 'lineCut', 'priority'])
    .describe(
      'Which key that waits goes first: "inPlace", the one that came first (default); "lineCut", where keys that ' +
        'are renewed often let others pass; "priority", by a column.',
    )
    .optional(),
  priority: text('the name of a column')
    .describe('With "priority": the column whose greatest value goes first.')
    .optional(),
  ...oneInput,
  ...limited,
  ...common,
}).meta({ title: 'update_queue operator' });

/** How the reader of topologies handles an update queue. */
export const updateQueueKind: OperatorKind<typeof document, UpdateQueueOperator> = {
  document,
  inputs: 'one',
  check(node, report) {
    const { policy, priority } = node;
    if (!report.isSound('policy') || (policy === 'priority') === (priority !== undefined)) return;
    if (priority === undefined) report.add(['priority'], `expected the column of the priority`);
    else report.add(['priority'], `'priority' goes with "policy": "priority"`);
  },
  normalize: ({ key, window, policy, priority }) => ({
    type: 'update_queue',
    key,
    windowUs: durationUs(window, undefined),
    policy: policy ?? 'inPlace',
    priority,
  }),
};
