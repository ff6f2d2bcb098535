/** `materialize` in documents. @module */

import * as z from 'zod';
import { object, text } from '../document/parts.ts';
import type { MaterializeOperator } from '../model/materialize.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';

const document = object('an operator', {
  type: z
    .literal('materialize')
    .describe('Keeps the last rows of a stream in a table, and passes them on.'),
  table: text('the name of a table').describe('The table, one with "keep".'),
  ...oneInput,
  ...limited,
  ...common,
}).meta({ title: 'materialize operator' });

/** How the reader of topologies handles a materialize. */
export const materializeKind: OperatorKind<typeof document, MaterializeOperator> = {
  document,
  inputs: 'one',
  normalize: ({ table }) => ({ type: 'materialize', table }),
};
