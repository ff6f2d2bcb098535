/** `parse` in documents. @module */

import * as z from 'zod';
import { columns, flag, object, text } from '../document/parts.ts';
import type { ParseOperator } from '../model/parse.ts';
import { checkColumns } from '../node-checks.ts';
import { normalizeSchema } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { checkTextFormat, normalizeTextFormat, textFormat } from './text-format.ts';

const document = object('an operator', {
  type: z.literal('parse').describe('Columns from a text in a column.'),
  column: text('the name of a string column').describe('The string column with the text.'),
  ...textFormat,
  columns: columns().describe(
    'The columns: name → type. Members of the object by their names, or fields of the record in order.',
  ),
  keep: flag().describe('Keeps the column with the text; false by default.').optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'parse operator' });

/** How the reader of topologies handles a parse. */
export const parseKind: OperatorKind<typeof document, ParseOperator> = {
  document,
  inputs: 'one',
  check(node, report) {
    checkColumns(node.columns, report, 'columns');
    checkTextFormat(node, report);
  },
  normalize: (node) => ({
    type: 'parse',
    column: node.column,
    format: normalizeTextFormat(node),
    columns: normalizeSchema(node.columns),
    keep: node.keep ?? false,
  }),
};
