/** `wsort` in documents. @module */

import * as z from 'zod';
import { listOf, object, positiveDuration, sortKey } from '../document/parts.ts';
import type { WsortOperator } from '../model/wsort.ts';
import { checkSortKeys } from '../node-report.ts';
import { durationUs, normalizeSortKey } from '../normalize-values.ts';
import { LATE_PORT, MAIN_PORT } from '../ports.ts';
import { columnNames, common, oneInput, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';

const document = object('an operator', {
  type: z
    .literal('wsort')
    .describe(
      'Sorts rows by event time: they leave when the watermark passes them. Late rows can be read as NODE.late.',
    ),
  orderBy: listOf('a list of columns such as ["id", "-price"]', sortKey)
    .describe(
      'The order of rows of one event time. Where the stream has none, rows leave at its end in this order.',
    )
    .optional(),
  timeout: positiveDuration('10s')
    .describe(
      'A row leaves as soon as one has come that is so much later, wherever the watermark is.',
    )
    .optional(),
  groupBy: columnNames(
    'Columns that rows have in common which must be in order. All rows if left out.',
  ),
  ...oneInput,
  ...limited,
  ...common,
}).meta({ title: 'wsort operator' });

/** How the reader of topologies handles a wsort. */
export const wsortKind: OperatorKind<typeof document, WsortOperator> = {
  document,
  inputs: 'one',
  check(node, report) {
    if (report.isOfKind('orderBy')) checkSortKeys(node.orderBy, report);
  },
  normalize: (node, at) => ({
    type: 'wsort',
    orderBy: (node.orderBy ?? []).map((key, i) => normalizeSortKey(key, `${at}/orderBy/${i}`)),
    groupBy: node.groupBy ?? [],
    timeoutUs: durationUs(node.timeout, undefined),
  }),
  ports: () => [MAIN_PORT, LATE_PORT],
};
