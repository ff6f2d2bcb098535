/** `pivot` in documents. @module */

import * as z from 'zod';
import { columns, flag, object, text } from '../document/parts.ts';
import type { PivotOperator } from '../model/pivot.ts';
import { checkColumns } from '../node-checks.ts';
import { normalizeSchema } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z.literal('pivot').describe('Members of an object, or entries of a list, as columns.'),
  column: text('the name of a json column').describe('The json column with the object or list.'),
  key: text('the name of a member')
    .describe('Of a list of objects: the member that names the column.')
    .optional(),
  value: text('the name of a member')
    .describe('Of a list of objects: the member with the value.')
    .optional(),
  columns: columns().describe('The columns: name → type. What is not there is null.'),
  keep: flag().describe('Keeps the json column; false by default.').optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'pivot operator' });

/** How the reader of topologies handles a pivot. */
export const pivotKind: OperatorKind<typeof document, PivotOperator> = {
  document,
  inputs: 'one',
  check({ columns: schema, key, value }, report) {
    checkColumns(schema, report, 'columns');
    if ((key === undefined) === (value === undefined)) return;
    report.add([], "expected both 'key' and 'value', for a list, or neither, for an object");
  },
  normalize: ({ column, key, value, columns: schema, keep }) => ({
    type: 'pivot',
    column,
    entries: key === undefined || value === undefined ? undefined : { key, value },
    columns: normalizeSchema(schema),
    keep: keep ?? false,
  }),
};
