/** The engine's settings, as a document writes them. @module */

import { duration, expecting, namesTo, object, option, size, text, whole } from './parts.ts';

const SLOTS = 'a power of two from 2 to 65536';

const ring = object('ring sizes such as {"slots": 16, "rows": 1024}', {
  slots: whole(SLOTS, 2, 65_536)
    .refine((slots) => (slots & (slots - 1)) === 0, expecting(SLOTS))
    .describe('Batches that fit in a ring, a power of two.')
    .optional(),
  rows: whole('a whole number of rows from 1 to 1048576', 1, 1_048_576)
    .describe('Rows that fit in a batch.')
    .optional(),
  heap: size('256KiB').describe('Room in a batch for texts longer than 12 bytes.').optional(),
});

/** How the engine runs the topology. */
export const engine = object('engine settings such as {"workers": 2}', {
  workers: whole('a whole number of workers from 1 to 1024', 1, 1024)
    .describe('Threads; one less than there are processors, and at least one, if left out.')
    .optional(),
  placement: object('placement such as {"pin": {"per_ad": 1}}', {
    pin: namesTo('pins such as {"per_ad": 1}', whole('the number of a worker, counted from 0', 0))
      .describe('Node → worker, counted from 0.')
      .optional(),
  })
    .describe('Which node runs on which worker.')
    .optional(),
  state: object('state settings such as {"dir": "./state"}', {
    dir: text('a path such as "./state"')
      .describe('The folder, relative to the topology file.')
      .optional(),
    limit: size('1GiB')
      .describe(
        'Most bytes that each task remembers, unless its operator says otherwise; "1GiB" if left out.',
      )
      .optional(),
    spillLimit: size('16GiB')
      .describe(
        'Most bytes that each task of an operator with "onLimit": "spill" has on disk; "16GiB" if left out.',
      )
      .optional(),
  })
    .describe('Where state is kept, and how much of it.')
    .optional(),
  ring: ring
    .describe('Sizes of the rings between workers; the planner decides if left out.')
    .optional(),
  drift: duration('10s')
    .describe(
      'How far sources that meet in a join or merge may drift apart in event time; "10s" by default.',
    )
    .optional(),
  int64: option('representation of int64', ['bigint', 'number'])
    .describe(
      'What an int64 is in JavaScript; "bigint" by default. "number" throws on unsafe values.',
    )
    .optional(),
  waitPolicy: option('wait policy', ['auto', 'park', 'spin'])
    .describe(
      'How a worker waits for rows: "auto" (default) spins only if there are cores to spare.',
    )
    .optional(),
});
