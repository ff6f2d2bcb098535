/** `heartbeat` in documents. @module */

import * as z from 'zod';
import { duration, object, positiveDuration, text } from '../document/parts.ts';
import type { HeartbeatOperator } from '../model/heartbeat.ts';
import { durationUs } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z.literal('heartbeat').describe('Adds rows that tell the time.'),
  field: text('the name of a timestamp column').describe(
    'The timestamp column whose time is told; all others are null in the rows that are added.',
  ),
  every: positiveDuration('5s').describe('A row is added at multiples of this.'),
  slack: duration('1s')
    .describe('After a silence of "every" and this a row is added by the clock; never if left out.')
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'heartbeat operator' });

/** How the reader of topologies handles a heartbeat. */
export const heartbeatKind: OperatorKind<typeof document, HeartbeatOperator> = {
  document,
  inputs: 'one',
  normalize: ({ field, every, slack }) => ({
    type: 'heartbeat',
    field,
    everyUs: durationUs(every, 0),
    slackUs: durationUs(slack, undefined),
  }),
};
