/** Sinks, as a document writes them. @module */

import * as z from 'zod';
import {
  csvProperties,
  fileFormat,
  listOf,
  object,
  positiveDuration,
  size,
  sortKey,
  streamName,
  tagged,
  text,
  whole,
} from './parts.ts';

const input = { input: streamName().describe('The stream it reads.') };

const fileSink = object('a sink', {
  connector: z.literal('file').describe('Writes a file, and replaces an old one when it is done.'),
  ...input,
  path: text('a path such as "result.csv"').describe('The file, relative to the topology file.'),
  format: fileFormat().describe('How rows lie in the file; by its name if left out.').optional(),
  ...csvProperties,
  orderBy: listOf('a list of columns such as ["window_start", "-total"]', sortKey)
    .describe('Sorts a bounded result: columns, descending with a "-" in front.')
    .optional(),
}).meta({ title: 'file sink' });

const stdoutSink = object('a sink', {
  connector: z.literal('stdout').describe('Writes to standard output.'),
  ...input,
  format: fileFormat().describe('How rows are written; "jsonl" by default.').optional(),
  ...csvProperties,
}).meta({ title: 'stdout sink' });

const embeddedSink = object('a sink', {
  connector: z.literal('embedded').describe('Hands batches to the embedding program.'),
  ...input,
  keep: object('what is kept, such as {"rows": 1000} or {"for": "10m"}', {
    rows: whole('a whole number of rows, 1 or more', 1, 1_000_000_000)
      .describe('The last rows.')
      .optional(),
    for: positiveDuration('10m').describe('Rows of the last so much event time.').optional(),
    limit: size('64MiB')
      .describe('Bytes that they may take; "64MiB" by default. Less is kept where it is more.')
      .optional(),
  })
    .describe('Rows that are kept for readers who come late, of whom there may be several.')
    .optional(),
}).meta({ title: 'embedded sink' });

const discardSink = object('a sink', {
  connector: z.literal('discard').describe('Counts rows and drops them.'),
  ...input,
}).meta({ title: 'discard sink' });

/** Where rows go. */
export const sink = tagged(
  'connector',
  { noun: 'connector', expected: 'a sink such as {"connector": "file", …}' },
  [fileSink, stdoutSink, embeddedSink, discardSink],
);

/** A sink as it is written. */
export type SinkDocument = z.input<typeof sink>;
