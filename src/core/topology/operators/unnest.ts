/** `unnest` in documents. @module */

import * as z from 'zod';
import { columns, flag, object, text } from '../document/parts.ts';
import type { UnnestOperator } from '../model/unnest.ts';
import { checkColumns } from '../node-checks.ts';
import { normalizeSchema } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z.literal('unnest').describe('A row for each element of a list.'),
  column: text('the name of a json column').describe('The json column with the list.'),
  columns: columns().describe(
    'What elements become: column → type. Of objects, members by their names; any other element is ' +
      'the value of the only column.',
  ),
  position: text('the name of a column')
    .describe('Adds a column with the position of the element, 0 for the first.')
    .optional(),
  outer: flag()
    .describe('A row with no elements gives one row with nulls; false by default.')
    .optional(),
  keep: flag().describe('Keeps the column with the list; false by default.').optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'unnest operator' });

/** How the reader of topologies handles an unnest. */
export const unnestKind: OperatorKind<typeof document, UnnestOperator> = {
  document,
  inputs: 'one',
  check: ({ columns: schema }, report) => checkColumns(schema, report, 'columns'),
  normalize: (node) => ({
    type: 'unnest',
    column: node.column,
    columns: normalizeSchema(node.columns),
    position: node.position,
    outer: node.outer ?? false,
    keep: node.keep ?? false,
  }),
};
