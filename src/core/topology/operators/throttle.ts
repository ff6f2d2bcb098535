/** `throttle` in documents. @module */

import * as z from 'zod';
import { object, option, whole } from '../document/parts.ts';
import type { ThrottleOperator } from '../model/throttle.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const MOST = 1_000_000_000;

const document = object('an operator', {
  type: z
    .literal('throttle')
    .describe('Rows up to a rate, or as far as there is room behind it; the others are dropped.'),
  rate: whole('a whole number of rows from 1 to 1000000000', 1, MOST)
    .describe('Most rows a second, by the clock; those above it are dropped and counted.')
    .optional(),
  burst: whole('a whole number of rows from 1 to 1000000000', 1, MOST)
    .describe('Rows that may come at once after a pause; a tenth of the rate by default.')
    .optional(),
  onFull: option('way to act when there is no room', ['block', 'drop'])
    .describe(
      'When there is no room behind it: all in front of it waits ("block", the default), or rows are dropped ' +
        'and counted ("drop").',
    )
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'throttle operator' });

/** How the reader of topologies handles a throttle. */
export const throttleKind: OperatorKind<typeof document, ThrottleOperator> = {
  document,
  inputs: 'one',
  check({ rate, burst, onFull }, report) {
    if (rate === undefined && onFull !== 'drop') {
      report.add(
        [],
        `expected 'rate', or "onFull": "drop", or both: without either it does nothing`,
      );
    }
    if (rate === undefined && burst !== undefined) {
      report.add(['burst'], `it goes with 'rate'`);
    }
  },
  normalize: ({ rate, burst, onFull }) => ({
    type: 'throttle',
    rate,
    burst: burst ?? Math.max(1, Math.floor((rate ?? 0) / 10)),
    onFull: onFull ?? 'block',
  }),
};
