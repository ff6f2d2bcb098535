/** `delay` in documents. @module */

import * as z from 'zod';
import { duration, object, whole } from '../document/parts.ts';
import type { DelayOperator } from '../model/delay.ts';
import { durationUs } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';

const document = object('an operator', {
  type: z.literal('delay').describe('Rows as they are, later and at a cost: for tests.'),
  for: duration('10ms')
    .describe('How long each row is held, by the clock; "0s" by default.')
    .optional(),
  churn: whole('a whole number of steps from 0 to 1000000000', 0, 1_000_000_000)
    .describe('Steps of a random number generator, about a nanosecond each, that each row costs.')
    .optional(),
  ...oneInput,
  ...limited,
  ...common,
}).meta({ title: 'delay operator' });

/** How the reader of topologies handles a delay. */
export const delayKind: OperatorKind<typeof document, DelayOperator> = {
  document,
  inputs: 'one',
  check({ for: held, churn }, report) {
    if (held !== undefined || churn !== undefined) return;
    report.add([], "expected 'for', 'churn' or both: without either it does nothing");
  },
  normalize: ({ for: held, churn }) => ({
    type: 'delay',
    forUs: durationUs(held, 0),
    churn: churn ?? 0,
  }),
};
