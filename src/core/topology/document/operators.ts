/** Operators, as a document writes them. @module */

import * as z from 'zod';
import {
  columns,
  csvProperties,
  duration,
  errorPolicy,
  expecting,
  expression,
  flag,
  fileFormat,
  listOf,
  namesTo,
  object,
  option,
  positiveDuration,
  sortKey,
  streamName,
  tagged,
  text,
  whole,
} from './parts.ts';

const common = {
  onError: errorPolicy(),
  parallel: whole('a whole number of tasks from 1 to 1024', 1, 1024)
    .describe('How many tasks share the work; the planner decides if left out.')
    .optional(),
};

const oneInput = {
  input: streamName().describe('The stream it reads.').optional(),
  inputs: listOf('a list with the name of one stream', streamName())
    .describe('The stream it reads, as a list of one.')
    .optional(),
};

const select = namesTo(
  'columns such as {"total": "price * amount"}',
  z.union(
    [expression('price * amount'), z.literal(true, expecting('true'))],
    expecting('an expression such as "price * amount", or true for "*"'),
  ),
);

const namedExpressions = (example: string): z.ZodRecord<z.ZodString, z.ZodString> =>
  namesTo(`columns such as {"total": "${example}"}`, expression(example));

const filter = object('an operator', {
  type: z.literal('filter').describe('Keeps rows, or sends each to one of several outputs.'),
  where: expression('price > 100').describe('Rows for which this is true are kept.').optional(),
  routes: namesTo(
    'routes such as {"big": "price > 1e6", "rest": true}',
    z.union(
      [expression('price > 1e6'), z.literal(true, expecting('true'))],
      expecting('an expression such as "price > 1e6", or true for the rest'),
    ),
  )
    .describe(
      'Output name → condition. A row goes to the first output whose condition is true; `true` ' +
        'takes the rows that no condition took. Outputs are read as NODE.NAME.',
    )
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'filter operator' });

const map = object('an operator', {
  type: z.literal('map').describe('Computes columns.'),
  select: select.describe('Column → expression; "*": true keeps the input\'s columns first.'),
  ...oneInput,
  ...common,
}).meta({ title: 'map operator' });

const union = object('an operator', {
  type: z.literal('union').describe('All rows of all inputs.'),
  inputs: listOf('a list of streams such as ["a", "b"]', streamName()).describe(
    'The streams it reads; their columns must agree.',
  ),
  ...common,
}).meta({ title: 'union operator' });

const windowTime = option('window time', ['event', 'processing'])
  .describe(
    'Which time windows go by: "event" (default), or "processing", the moment in which a row ' +
      'arrives.',
  )
  .optional();
const windowOffset = duration('15m')
  .describe('Moves the windows, which are aligned to 1970-01-01T00:00:00Z; "0s" by default.')
  .optional();

const window = tagged(
  'type',
  {
    noun: 'window type',
    expected: 'a window such as {"type": "tumbling", "size": "10s"}',
    planned: ['cumulating', 'session', 'count'],
  },
  [
    object(
      'a window',
      {
        type: z.literal('tumbling').describe('Windows side by side.'),
        size: positiveDuration('10s').describe('How long a window is.'),
        offset: windowOffset,
        time: windowTime,
      },
      ['allowedLateness'],
    ),
    object(
      'a window',
      {
        type: z.literal('hopping').describe('Windows that overlap: one begins every slide.'),
        size: positiveDuration('10s').describe('How long a window is.'),
        slide: positiveDuration('2s').describe('The distance from one beginning to the next.'),
        offset: windowOffset,
        time: windowTime,
      },
      ['allowedLateness'],
    ),
  ],
);

const aggregate = object('an operator', {
  type: z.literal('aggregate').describe('Groups rows. Late rows can be read as NODE.late.'),
  groupBy: z
    .union(
      [
        z.array(text('the name of a column'), expecting('a list of columns such as ["ad"]')),
        namedExpressions('price % 10'),
      ],
      expecting('a list of columns such as ["ad"], or columns such as {"bucket": "price % 10"}'),
    )
    .describe('Column names, or column → expression. One group if left out.')
    .optional(),
  window: window
    .describe('Windows of event time. Without one a result comes at the end of the input.')
    .optional(),
  emit: z
    .union(
      [
        option('time for results', ['end', 'each']),
        object('an interval such as {"every": "1s"}', {
          every: positiveDuration('1s').describe('How far apart updates are, in event time.'),
        }),
      ],
      expecting('"end", "each", or an interval such as {"every": "1s"}'),
    )
    .describe(
      'When an aggregate without a window gives results: at the end of the input ("end", by ' +
        'default), an updated row for each row ("each"), or at each multiple of an interval the ' +
        'groups that changed.',
    )
    .optional(),
  select: namedExpressions('SUM(price)').describe('Column → aggregate expression.').optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'aggregate operator' });

const top = object('an operator', {
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
  ...common,
}).meta({ title: 'top operator' });

const join = object('an operator', {
  type: z
    .literal('join')
    .describe(
      'Pairs of rows of two streams that are near in time, by "within" or "window". Without ' +
        'either, of all rows: then both sides are kept for ever.',
    ),
  inputs: listOf('a list of two streams such as ["l", "r"]', streamName())
    .length(2, expecting('a list of two streams such as ["l", "r"]'))
    .describe('The left and the right stream.'),
  on: expression('l.id = r.id').describe('Which rows match.'),
  kind: option('join kind', ['inner', 'left'], ['right', 'full', 'semi', 'anti'])
    .describe('Which rows without a match are kept; "inner" (none) by default.')
    .optional(),
  within: object('an interval such as {"before": "0s", "after": "1m"}', {
    before: duration('0s')
      .describe('How much earlier the right row may be; "0s" by default.')
      .optional(),
    after: duration('1m')
      .describe('How much later the right row may be; "0s" by default.')
      .optional(),
  })
    .describe('How near in time: r.time - l.time lies from -before to after, both included.')
    .optional(),
  window: window.describe('Both rows lie in the same window of event time.').optional(),
  select: namedExpressions('l.price').describe('Column → expression over l.NAME and r.NAME.'),
  time: option('side', ['left', 'right'])
    .describe('Whose event time a joined row carries; "left" by default.')
    .optional(),
  broadcast: option('side', ['left', 'right'])
    .describe(
      'The side with few rows: every task gets all of them, and the rows of the other side stay ' +
        'where they are.',
    )
    .optional(),
  ...common,
}).meta({ title: 'join operator' });

const lookup = object('an operator', {
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
  kind: option('lookup kind', ['inner', 'left'])
    .describe(
      'What becomes of rows without a match: "inner" drops them (default), "left" does not.',
    )
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'lookup operator' });

const module = object('an operator', {
  type: z.literal('module').describe('Calls a JavaScript function with each row.'),
  module: text('a path such as "./score.js"').describe('The file, relative to the topology file.'),
  export: text('the name of an export such as "score"')
    .describe('The exported function; "default" by default.')
    .optional(),
  schema: columns().describe('The columns of the rows it returns.'),
  ...oneInput,
  ...common,
}).meta({ title: 'module operator' });

/** What happens to rows. */
export const operator = tagged(
  'type',
  { noun: 'operator type', expected: 'an operator such as {"type": "filter", …}' },
  [filter, map, union, aggregate, top, join, lookup, module],
);
