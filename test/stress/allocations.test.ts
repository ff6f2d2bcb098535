/** What operators allocate for a row: next to nothing, with exceptions that are known. */

import { expect, test } from 'vitest';
import { OPERATOR_CASES } from '../../bench/operators/main.ts';
import { allocatedPerRow } from '../support/allocations.ts';

/** Less than a number that V8 keeps in its heap, 12 bytes. */
const MOST_BYTES = 8;

/** Behind it everything has its size: tables do not grow any more. */
const WARM_UP_PASSES = 40;

/** Case → most bytes for a row of its input, where it is more. */
const MORE: Readonly<Record<string, number>> = {
  // Rows are objects for user code.
  'module, a row for a row': 250,
  'actor of 100 keys, a row for a row': 160,
  // A view of a text, an object of a session, a list of the rows of a key.
  'format JSON': 20,
  'format CSV': 20,
  'aggregate sessions, gap of 50 ms': 16,
  'aggregate with a result for each row': 20,
  'materialize, the last 10 rows of 100 keys': 28,
  // Times of rows on their way between functions: numbers in V8's heap, more of them
  // until V8 has put the functions into one.
  'resample, the value before': 100,
  'gather of two': 100,
  'sunion of two, buckets of 100 ms': 100,
  'dedup, the last of 100 keys as changes': 100,
  'pattern a THEN b within 250 ms, 10,000 keys': 100,
  'pattern a THEN the next b, 10,000 keys': 100,
  'pattern a THEN NOT b within 250 ms, 10,000 keys': 100,
};

test.each(OPERATOR_CASES.map((given) => [given.name, given] as const))(
  '%s',
  async (name, given) => {
    expect(await allocatedPerRow(given, WARM_UP_PASSES), 'bytes for a row').toBeLessThan(
      MORE[name] ?? MOST_BYTES,
    );
  },
);
