/** Tables, as a document writes them. @module */

import * as z from 'zod';
import {
  columns,
  expecting,
  listOf,
  object,
  option,
  positiveDuration,
  size,
  text,
  whole,
} from './parts.ts';

const columnList = (example: string) =>
  listOf(`a list of columns such as ["${example}"]`, text('the name of a column'));

/** A table. */
export const table = object('a table such as {"schema": {…}, "key": ["sku"]}', {
  schema: columns().describe('The columns: name → type, in order.'),
  key: columnList('sku').describe('Columns that no two rows have alike.').optional(),
  indexes: columnList('price').describe('Columns with an index in order, for ranges.').optional(),
  limit: size('64MiB').describe('Bound on what it holds; "256MiB" by default.').optional(),
  keep: z
    .union(
      [
        object('rows such as {"rows": 100}', {
          rows: whole('a whole number of rows, 1 or more', 1, 1_000_000_000).describe(
            'The last rows.',
          ),
        }),
        object('a time such as {"for": "1m"}', {
          for: positiveDuration('1m').describe('Rows of the last so much event time.'),
        }),
      ],
      expecting('rows such as {"rows": 100}, or a time such as {"for": "1m"}'),
    )
    .describe('The last rows of a stream, which a materialize writes: there is no key.')
    .optional(),
  partitionBy: columnList('symbol')
    .describe('With "keep": each group of rows that are equal in these columns keeps its own.')
    .optional(),
  storage: option('storage', ['memory', 'disk'])
    .describe(
      'Where its rows are: "memory" (default), or on disk as well, in the folder of /engine/state/dir, from ' +
        'which they are read at the start.',
    )
    .optional(),
  durability: option('durability', ['process', 'machine'])
    .describe(
      'With "disk", what changes survive before their results are handed on: the end of the process ' +
        '(default), or that of the machine too.',
    )
    .optional(),
}).meta({ title: 'table' });

/** A table as it is written. */
export type TableDocument = z.input<typeof table>;
