/** `merge` in documents. @module */

import * as z from 'zod';
import { listOf, object, sortKey, streamName } from '../document/parts.ts';
import type { MergeOperator } from '../model/merge.ts';
import { normalizeSortKey } from '../normalize-values.ts';
import { columnNames, common, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';

const document = object('an operator', {
  type: z
    .literal('merge')
    .describe('All rows of several inputs, each of which is in order, in the same order.'),
  inputs: listOf('a list of streams such as ["a", "b"]', streamName()).describe(
    'The streams it reads; their columns must agree.',
  ),
  orderBy: sortKey
    .describe(
      'The column that rows are ordered by; descending with a "-" in front. Event time if left out.',
    )
    .optional(),
  groupBy: columnNames('Columns that the rows of an order have in common. One order if left out.'),
  ...limited,
  ...common,
}).meta({ title: 'merge operator' });

/** How the reader of topologies handles a merge. */
export const mergeKind: OperatorKind<typeof document, MergeOperator> = {
  document,
  inputs: 'several',
  check(node, report) {
    if (node.orderBy === '-') report.add(['orderBy'], `expected the name of a column after '-'`);
  },
  normalize: (node, at) => ({
    type: 'merge',
    orderBy:
      node.orderBy === undefined ? undefined : normalizeSortKey(node.orderBy, `${at}/orderBy`),
    groupBy: node.groupBy ?? [],
  }),
};
