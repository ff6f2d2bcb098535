/** Sources, as a document writes them. @module */

import * as z from 'zod';
import { Change } from '../../changes.ts';
import { admission } from './admission.ts';
import { anyValue, distribution } from './distributions.ts';
import {
  columns,
  csvProperties,
  duration,
  errorPolicy,
  expecting,
  fileFormat,
  flag,
  listOf,
  namesTo,
  number,
  object,
  positiveDuration,
  tagged,
  text,
  whole,
} from './parts.ts';

const eventTime = object('event time such as {"field": "ts", "lateness": "5s"}', {
  field: text('the name of a timestamp column').describe(
    'The timestamp column that is the event time.',
  ),
  lateness: duration('5s')
    .describe(
      'How far out of order rows may be: the watermark stays this far back. "0s" by default.',
    )
    .optional(),
  idleAfter: positiveDuration('30s')
    .describe('After this long without a row the source holds nobody else back.')
    .optional(),
});

const common = {
  schema: columns().describe('The columns: name → type, in order.'),
  time: eventTime.describe('Event time. Without it the stream has none.').optional(),
  changes: text('the name of a string column')
    .describe(
      'The column that says what each row changes, if rows may be taken back: one of ' +
        `${Object.values(Change).join(', ')}.`,
    )
    .optional(),
  onError: errorPolicy,
  admission: admission.describe('What tuples are worth, and what overload does.').optional(),
};

const fileSource = object('a source', {
  connector: z.literal('file').describe('Reads a file once.'),
  path: text('a path such as "orders.csv"').describe(
    'The file, relative to the topology file; compressed if its name ends in .gz.',
  ),
  format: fileFormat().describe('How rows lie in the file; by its name if left out.').optional(),
  ...csvProperties,
  ...common,
}).meta({ title: 'file source' });

const rate = z.union(
  [
    number('a number of rows per second').positive(expecting('a number of rows per second')),
    object('a schedule such as {"phases": [{"for": "2s", "rate": 1000}], "repeat": true}', {
      phases: listOf(
        'a list of phases such as {"for": "2s", "rate": 1000}',
        object('a phase such as {"for": "2s", "rate": 1000}', {
          for: positiveDuration('2s').describe('How long the phase lasts.'),
          rate: number('a number of rows per second, 0 for a pause')
            .nonnegative(expecting('a number of rows per second, 0 for a pause'))
            .describe('Rows per second; 0 is a pause.'),
        }),
      ).describe('What comes when, one after the other.'),
      repeat: flag()
        .describe('Start again after the last phase; otherwise the source ends there.')
        .optional(),
    }),
  ],
  expecting(
    'a number of rows per second, or a schedule such as {"phases": [{"for": "2s", "rate": 1000}]}',
  ),
);

const generatorSource = object('a source', {
  connector: z.literal('generator').describe('Makes rows up, the same ones for the same seed.'),
  seed: whole('a whole number from 0 to 4294967295', 0, 0xffff_ffff)
    .describe('Another seed gives other rows; 1 by default.')
    .optional(),
  count: whole('a whole number of rows', 0).describe('Rows in all; no end if left out.').optional(),
  rate: rate
    .describe('Rows per second, or a schedule; as fast as they are taken if left out.')
    .optional(),
  fields: namesTo('columns such as {"id": {"sequence": {}}}', distribution).describe(
    'How the values of each column of the schema are drawn.',
  ),
  ...common,
}).meta({ title: 'generator source' });

const embeddedSource = object('a source', {
  connector: z.literal('embedded').describe('Takes rows that the embedding program pushes.'),
  ...common,
}).meta({ title: 'embedded source' });

const moduleSource = object('a source', {
  connector: z.literal('module').describe('Takes the rows of a source that you wrote.'),
  module: text('a path such as "./source.js"').describe('The file, relative to the topology file.'),
  export: text('the name of an export such as "open"')
    .describe('The exported function that opens the source; "default" by default.')
    .optional(),
  options: namesTo('options such as {"events": 1000}', anyValue)
    .describe('What the function is called with.')
    .optional(),
  parallel: whole('a whole number of tasks from 1 to 1024', 1, 1024)
    .describe('How many sources are opened, each for a part of the rows; 1 by default.')
    .optional(),
  ...common,
}).meta({ title: 'module source' });

const metronomeSource = object('a source', {
  connector: z.literal('metronome').describe('A row with the time, at multiples of an interval.'),
  every: positiveDuration('5s').describe('How far apart rows are.'),
  count: whole('a whole number of rows', 1).describe('Rows in all; no end if left out.').optional(),
  as: text('the name of a column')
    .describe('The timestamp column, which is the event time too; "at" by default.')
    .optional(),
}).meta({ title: 'metronome source' });

/** Where rows come from. */
export const source = tagged(
  'connector',
  { noun: 'connector', expected: 'a source such as {"connector": "file", …}' },
  [fileSource, generatorSource, embeddedSource, moduleSource, metronomeSource],
);

/** A source as it is written. */
export type SourceDocument = z.input<typeof source>;
