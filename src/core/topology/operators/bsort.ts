/** `bsort` in documents. @module */

import * as z from 'zod';
import {
  expecting,
  listOf,
  number,
  object,
  positiveDuration,
  sortKey,
  whole,
} from '../document/parts.ts';
import type { BsortOperator, SortBuffer } from '../model/bsort.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { checkSortKeys } from '../node-report.ts';
import { durationUs, normalizeSortKey } from '../normalize-values.ts';
import { common, columnNames, oneInput, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';

const document = object('an operator', {
  type: z
    .literal('bsort')
    .describe('Sorts rows that are nearly in order: the least of a buffer leaves when it is full.'),
  orderBy: listOf('a list of columns such as ["at", "-price"]', sortKey)
    .describe('The order; descending with a "-" in front. Event time if left out.')
    .optional(),
  slack: whole('a whole number of rows from 0 to 1000000000', 0, 1_000_000_000)
    .describe('How many rows of each group are kept back.')
    .optional(),
  range: z
    .union(
      [number('a number'), positiveDuration('5s')],
      expecting('a number such as 10, or a duration such as "5s"'),
    )
    .describe(
      'How far values may lie apart that are kept back: a number, or a duration where the order is one of time.',
    )
    .optional(),
  groupBy: columnNames('Columns that the rows of a group have in common. One group if left out.'),
  ttl: positiveDuration('1h')
    .describe('A group that got no row for so long is forgotten; its rows leave before.')
    .optional(),
  ...oneInput,
  ...limited,
  ...common,
}).meta({ title: 'bsort operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles a bsort: a buffer of rows or of values. */
export const bsortKind: OperatorKind<typeof document, BsortOperator> = {
  document,
  inputs: 'one',
  check,
  normalize: (node, at) => ({
    type: 'bsort',
    orderBy: (node.orderBy ?? []).map((key, i) => normalizeSortKey(key, `${at}/orderBy/${i}`)),
    groupBy: node.groupBy ?? [],
    buffer: normalizeBuffer(node),
    ttlUs: node.ttl === undefined ? undefined : durationUs(node.ttl, 0),
  }),
};

function check({ orderBy, slack, range }: Loose<Document>, report: NodeReport): void {
  if (report.isOfKind('orderBy')) checkSortKeys(orderBy, report);
  if ((slack === undefined) === (range === undefined)) {
    const found = slack === undefined ? 'neither' : 'both';
    report.add([], `expected either 'slack' or 'range', found ${found}`);
  }
  if (typeof range === 'number' && range < 0) {
    report.add(['range'], `expected a number that is not negative, found ${range}`);
  }
  if (range !== undefined && orderBy !== undefined && orderBy.length > 1) {
    report.add(['orderBy', 1], `'range' goes by one column; expected no other, or 'slack'`);
  }
}

function normalizeBuffer({ slack, range }: Document): SortBuffer {
  if (slack !== undefined) return { kind: 'rows', rows: slack };
  if (typeof range === 'number') return { kind: 'range', span: range, isDuration: false };
  return { kind: 'range', span: durationUs(range, 0), isDuration: true };
}
