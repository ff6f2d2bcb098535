/** `query` in documents. @module */

import * as z from 'zod';
import { expecting, expression, namesTo, object, option, text, whole } from '../document/parts.ts';
import { entriesOf, keysOf } from '../key-order.ts';
import type { Expression } from '../model/parts.ts';
import type { QueryOperator } from '../model/query.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { CHANGES_PORT, MAIN_PORT } from '../ports.ts';
import {
  common,
  conditions,
  expressions,
  namedExpressions,
  oneInput,
  type OperatorKind,
} from './operator-kind.ts';

const document = object('an operator', {
  type: z.literal('query').describe('Reads or changes a table, for each row.'),
  table: text('the name of a table').describe('The table.'),
  do: option('action', ['read', 'insert', 'update', 'upsert', 'delete'])
    .describe('What it does with the rows of the table that a row finds; "read" by default.')
    .optional(),
  key: namedExpressions('item')
    .describe('Columns of the table and what they are equal to, expressions over the input.')
    .optional(),
  range: object('a range such as {"column": "price", "from": "low", "to": "high"}', {
    column: text('the name of a column with an index').describe('A column with an index.'),
    from: expression('low').describe('The least value, over the input.').optional(),
    to: expression('high').describe('The greatest value, over the input.').optional(),
  })
    .describe('Rows in the order of an index, whose value lies between two, both included.')
    .optional(),
  where: expression('t.stock > amount')
    .describe('A condition over the input and t, the row of the table.')
    .optional(),
  set: namedExpressions('t.stock - amount')
    .describe('Columns of the table and their new values, over the input and t.')
    .optional(),
  select: namesTo(
    'columns such as {"*": true, "left": "t.stock"}',
    z.union(
      [expression('t.stock'), z.literal(true, expecting('true'))],
      expecting('an expression such as "t.stock", or true for "*"'),
    ),
  )
    .describe(
      'Column → expression over the input and t, after the change; all columns of both if left out.',
    )
    .optional(),
  misses: option('what becomes of misses', ['drop', 'null', 'port'])
    .describe(
      'Rows that found none: dropped (default), passed on with nulls for the columns of the table, or ' +
        'sent to NODE.misses.',
    )
    .optional(),
  limit: whole('a whole number of rows, 1 or more', 1, 1_000_000_000)
    .describe('Rows of the table that one row finds, at most.')
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'query operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles a query. */
export const queryKind: OperatorKind<typeof document, QueryOperator> = {
  document,
  inputs: 'one',
  check,
  normalize: (node, at) => ({
    type: 'query',
    table: node.table,
    action: node.do ?? 'read',
    key: expressions(`${at}/key`, node.key ?? {}),
    range: node.range && {
      column: node.range.column,
      from: expressionAt(node.range.from, `${at}/range/from`),
      to: expressionAt(node.range.to, `${at}/range/to`),
    },
    where: expressionAt(node.where, `${at}/where`),
    set: expressions(`${at}/set`, node.set ?? {}),
    select: node.select && {
      keepInput: Object.hasOwn(node.select, '*'),
      columns: conditions(`${at}/select`, entriesOf(node.select)),
    },
    misses: node.misses ?? 'drop',
    limit: node.limit ?? Infinity,
  }),
  ports: (node) => [
    MAIN_PORT,
    ...(node['misses'] === 'port' ? ['misses'] : []),
    ...(node['do'] === undefined || node['do'] === 'read' ? [] : [CHANGES_PORT]),
  ],
};

function expressionAt(written: string | undefined, pointer: string): Expression | undefined {
  return written === undefined ? undefined : { text: written, pointer };
}

/** What goes with each action. */
function check(node: Loose<Document>, report: NodeReport): void {
  const { do: action = 'read', key, range, where, set, limit } = node;
  if (!report.isSound('do')) return;
  const refuse = (property: string, is: unknown, why: string): void => {
    if (is !== undefined)
      report.add([property], `'${property}' does not go with "${action}": ${why}`);
  };
  if (key !== undefined && range !== undefined) {
    report.add(['range'], "expected either 'key' or 'range', found both");
  }
  if (action === 'read' || action === 'delete') refuse('set', set, 'it sets no columns');
  if (action === 'insert' || action === 'upsert') {
    const why = 'the row it makes has its key by the columns of the input, or by "set"';
    refuse('key', key, why);
    refuse('range', range, why);
    refuse('limit', limit, 'it is one row');
    if (action === 'insert') refuse('where', where, 'there is no row to look at');
  }
  const sets = set !== undefined && report.isOfKind('set') ? keysOf(set).length : 0;
  if (action === 'update' && sets === 0) report.add([], "expected columns in 'set'");
}
