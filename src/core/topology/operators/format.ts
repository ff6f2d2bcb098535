/** `format` in documents. @module */

import * as z from 'zod';
import { flag, listOf, object, text } from '../document/parts.ts';
import type { FormatOperator } from '../model/format.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { checkTextFormat, normalizeTextFormat, textFormat } from './text-format.ts';

const document = object('an operator', {
  type: z.literal('format').describe('A text from columns.'),
  as: text('the name of a column').describe('The column with the text.'),
  ...textFormat,
  columns: listOf('a list of columns such as ["id", "price"]', text('the name of a column'))
    .describe('The columns that are written, in this order; all if left out.')
    .optional(),
  keep: flag().describe('Keeps the columns that are written; false by default.').optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'format operator' });

/** How the reader of topologies handles a format. */
export const formatKind: OperatorKind<typeof document, FormatOperator> = {
  document,
  inputs: 'one',
  check: checkTextFormat,
  normalize: (node) => ({
    type: 'format',
    as: node.as,
    format: normalizeTextFormat(node),
    columns: node.columns,
    keep: node.keep ?? false,
  }),
};
