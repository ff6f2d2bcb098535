/** `lookup` in documents. @module */

import * as z from 'zod';
import {
  columns,
  csvProperties,
  expecting,
  fileFormat,
  listOf,
  namesTo,
  object,
  option,
  text,
} from '../document/parts.ts';
import { isGzip } from '../file-format.ts';
import { pointer } from '../issues.ts';
import { entriesOf, keysOf } from '../key-order.ts';
import type { LookupKey, LookupOperator } from '../model/lookup.ts';
import { checkColumns, checkFormat } from '../node-checks.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { normalizeFormat, normalizeSchema } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z
    .literal('lookup')
    .describe('Adds the columns of the row of a table that has the same key.'),
  table: object('a table such as {"path": "ads.csv", "schema": {"ad": "int32", …}}', {
    path: text('a path such as "ads.csv"').describe(
      'The file, relative to the topology file; compressed if its name ends in .gz.',
    ),
    format: fileFormat().describe('How rows lie in the file; by its name if left out.').optional(),
    ...csvProperties,
    schema: columns().describe('The columns of the table: name → type.'),
  }).describe('A file that is read at the start and kept in memory. A key is in it once.'),
  on: z
    .union(
      [
        listOf('a list of columns such as ["ad"]', text('the name of a column')),
        namesTo('columns such as {"ad_id": "ad"}', text('the name of a column of the table')),
      ],
      expecting('a list of columns such as ["ad"], or columns such as {"ad_id": "ad"}'),
    )
    .describe('The key: columns of both, or column of the input → column of the table.'),
  kind: option('lookup kind', ['inner', 'left', 'semi', 'anti'])
    .describe(
      'What becomes of rows without a match: "inner" drops them (default), "left" does not; ' +
        '"semi" and "anti" keep rows with and without a match as they are, and add nothing.',
    )
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'lookup operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles a lookup. */
export const lookupKind: OperatorKind<typeof document, LookupOperator> = {
  document,
  inputs: 'one',
  check,
  normalize: (node, at) => ({
    type: 'lookup',
    table: {
      path: node.table.path,
      format: normalizeFormat({ connector: 'file', ...node.table }),
      gzip: isGzip(node.table.path),
      schema: normalizeSchema(node.table.schema),
    },
    on: normalizeLookupKeys(`${at}/on`, node.on),
    kind: node.kind ?? 'inner',
  }),
};

/** A table that can be read, and keys. */
function check({ table, on }: Loose<Document>, report: NodeReport): void {
  if (on !== undefined && !Array.isArray(on) && report.isOfKind('on') && keysOf(on).length === 0) {
    report.add(['on'], 'expected at least one column');
  }
  if (table === undefined || !report.isOfKind('table')) return;
  const below = report.below('table');
  checkColumns((table as Loose<typeof table>).schema, below);
  checkFormat({ ...table, connector: 'file' }, below);
}

function normalizeLookupKeys(at: string, on: Document['on']): LookupKey[] {
  if (Array.isArray(on)) {
    return on.map((name, i) => ({ input: name, table: name, pointer: at + pointer(i) }));
  }
  return entriesOf(on).map(([input, table]) => ({ input, table, pointer: at + pointer(input) }));
}
