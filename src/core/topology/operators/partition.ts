/** `partition` in documents. @module */

import * as z from 'zod';
import { listOf, object, option, text, whole } from '../document/parts.ts';
import type { PartitionOperator } from '../model/partition.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z
    .literal('partition')
    .describe('A row for each partition that its keys belong to, as Yahoo! S4 dispatches events.'),
  keys: listOf(
    'a list of columns or paths such as ["user", "items/sku"]',
    text('the name of a column, or a path such as "items/sku"'),
  ).describe(
    'The parts of a key: columns, or paths into json columns. Lists on the way give several keys.',
  ),
  partitions: whole('a whole number of partitions from 1 to 1024', 1, 1024).describe(
    'How many partitions there are.',
  ),
  as: text('the name of a column')
    .describe('The column with the number of the partition; "partition" by default.')
    .optional(),
  keysAs: text('the name of a column')
    .describe('The column with the list of the keys in that partition; "keys" by default.')
    .optional(),
  unroutable: option('way', ['drop', 'null'])
    .describe('What becomes of rows without keys: nothing (default), or a row with nulls.')
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'partition operator' });

/** How the reader of topologies handles a partition. */
export const partitionKind: OperatorKind<typeof document, PartitionOperator> = {
  document,
  inputs: 'one',
  normalize: ({ keys, partitions, as = 'partition', keysAs = 'keys', unroutable = 'drop' }) => {
    return { type: 'partition', keys, partitions, as, keysAs, unroutable };
  },
};
