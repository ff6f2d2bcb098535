/** `update_queue` in documents. @module */

import * as z from 'zod';
import { listOf, object, positiveDuration, text } from '../document/parts.ts';
import type { UpdateQueueOperator } from '../model/update-queue.ts';
import { durationUs } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

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
  ...oneInput,
  ...common,
}).meta({ title: 'update_queue operator' });

/** How the reader of topologies handles an update queue. */
export const updateQueueKind: OperatorKind<typeof document, UpdateQueueOperator> = {
  document,
  inputs: 'one',
  normalize: ({ key, window }) => {
    return { type: 'update_queue', key, windowUs: durationUs(window, undefined) };
  },
};
