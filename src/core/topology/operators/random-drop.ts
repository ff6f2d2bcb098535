/** `random_drop` in documents. @module */

import * as z from 'zod';
import { expecting, listOf, number, object, text, whole } from '../document/parts.ts';
import type { RandomDropOperator } from '../model/random-drop.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { parameterised, parameterName } from './parameters.ts';

const words = expecting('a number from 0 to 1');

/** What a box that drops goes by. */
export const chance = {
  rate: number('a number from 0 to 1')
    .min(0, words)
    .max(1, words)
    .describe('The share that is dropped, 0 to 1.'),
  seed: whole('a whole number from 0 to 4294967295', 0, 0xffff_ffff)
    .describe('Another seed drops others; 1 by default.')
    .optional(),
};

const RATE = 'a number from 0 to 1, or a parameter such as "$rate"';

const document = object('an operator', {
  type: z.literal('random_drop').describe('Drops rows by chance.'),
  rate: z
    .union([chance.rate, parameterName('rate')], expecting(RATE))
    .describe('The share that is dropped, 0 to 1; or a parameter.'),
  seed: chance.seed,
  groupBy: listOf('a list of columns such as ["user"]', text('the name of a column'))
    .describe('Rows that are equal in these columns are all dropped or all kept.')
    .optional(),
  ...parameterised,
  ...oneInput,
  ...common,
}).meta({ title: 'random_drop operator' });

/** How the reader of topologies handles a random drop. */
export const randomDropKind: OperatorKind<typeof document, RandomDropOperator> = {
  document,
  inputs: 'one',
  normalize: ({ rate, seed = 1, groupBy = [] }) => ({ type: 'random_drop', rate, seed, groupBy }),
};
