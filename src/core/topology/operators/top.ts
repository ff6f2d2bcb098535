/** `top` in documents. @module */

import * as z from 'zod';
import {
  expecting,
  flag,
  listOf,
  object,
  option,
  sortKey,
  text,
  whole,
} from '../document/parts.ts';
import type { TopOperator } from '../model/top.ts';
import { checkSortKeys } from '../node-report.ts';
import { normalizeSortKey } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';
import { checkWindow, normalizeWindow, window, windowPorts } from './windows.ts';
import { revisable } from './revisions.ts';

const document = object('an operator', {
  type: z
    .literal('top')
    .describe('The best rows of each group. Late rows can be read as NODE.late.'),
  n: whole('a whole number of rows from 1 to 1000000', 1, 1_000_000).describe(
    'How many rows of each group.',
  ),
  orderBy: listOf('a list of columns such as ["-price", "at"]', sortKey).describe(
    'Which rows are best: those that come first in this order; descending with a "-" in front.',
  ),
  groupBy: z
    .array(text('the name of a column'), expecting('a list of columns such as ["ad"]'))
    .describe('Columns that the rows of a group have in common. One group if left out.')
    .optional(),
  window: z
    .union(
      [option('kind of windows', ['input']), window],
      expecting('a window such as {"type": "tumbling", "size": "10s"}, or "input"'),
    )
    .describe(
      'Windows of event time, or "input" for those whose results the input is. Without one the ' +
        'rows come at the end of the input.',
    )
    .optional(),
  ties: flag()
    .describe('Keeps also the rows that are equal to the last by "orderBy"; false by default.')
    .optional(),
  rank: text('the name of a column')
    .describe('Adds a column with the rank of each row in its group, 1 for the best.')
    .optional(),
  ...oneInput,
  ...limited,
  ...revisable,
  ...common,
}).meta({ title: 'top operator' });

/** How the reader of topologies handles a top: windows without gaps, and an order of columns. */
export const topKind: OperatorKind<typeof document, TopOperator> = {
  document,
  inputs: 'one',
  check(node, report) {
    if (report.isOfKind('orderBy')) checkSortKeys(node.orderBy, report);
    if (node.window !== 'input' && report.isSound('window')) checkWindow(node.window, report);
  },
  normalize: (node, at) => ({
    type: 'top',
    n: node.n,
    orderBy: node.orderBy.map((key, i) => normalizeSortKey(key, `${at}/orderBy/${i}`)),
    groupBy: node.groupBy ?? [],
    window: node.window === 'input' ? 'input' : normalizeWindow(node.window),
    ties: node.ties ?? false,
    rank: node.rank,
  }),
  ports: windowPorts,
};
