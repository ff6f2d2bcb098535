/** `module` in documents. @module */

import * as z from 'zod';
import type { ModuleOperator } from '../model/module.ts';
import { columns, object, option, text } from '../document/parts.ts';
import { checkColumns } from '../node-checks.ts';
import { normalizeSchema } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { revisable } from './revisions.ts';

const document = object('an operator', {
  type: z.literal('module').describe('Calls a JavaScript function with each row.'),
  module: text('a path such as "./score.js"').describe('The file, relative to the topology file.'),
  export: text('the name of an export such as "score"')
    .describe('The exported function; "default" by default.')
    .optional(),
  per: option('way', ['row', 'batch'])
    .describe('"row": it is called with each row (default); "batch": with columns in place.')
    .optional(),
  schema: columns().describe('The columns of the rows it returns, or of the batches it fills.'),
  ...oneInput,
  ...revisable,
  ...common,
}).meta({ title: 'module operator' });

/** How the reader of topologies handles a module. */
export const moduleKind: OperatorKind<typeof document, ModuleOperator> = {
  document,
  inputs: 'one',
  check: (node, report) => checkColumns(node.schema, report),
  normalize: (node) => ({
    type: 'module',
    module: node.module,
    export: node.export ?? 'default',
    per: node.per ?? 'row',
    schema: normalizeSchema(node.schema),
  }),
};
