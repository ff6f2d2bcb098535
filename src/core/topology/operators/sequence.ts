/** `sequence` in documents. @module */

import * as z from 'zod';
import { object, text, whole } from '../document/parts.ts';
import type { SequenceOperator } from '../model/sequence.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const MOST = Number.MAX_SAFE_INTEGER;

const document = object('an operator', {
  type: z.literal('sequence').describe('Numbers rows in the order in which they come.'),
  as: text('the name of a column').describe('The column with the number.'),
  start: whole('a whole number such as 1', -MOST, MOST)
    .describe('The number of the first row; 1 by default.')
    .optional(),
  step: whole('a whole number such as 1', -MOST, MOST)
    .describe('What the next row has more; 1 by default, not 0.')
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'sequence operator' });

/** How the reader of topologies handles a sequence. */
export const sequenceKind: OperatorKind<typeof document, SequenceOperator> = {
  document,
  inputs: 'one',
  check({ step }, report) {
    if (step === 0) report.add(['step'], 'expected a step other than 0: numbers differ');
  },
  normalize: ({ as, start = 1, step = 1 }) => ({ type: 'sequence', as, start, step }),
};
