/** Kernels make no objects for rows: what they allocate is for batches, windows, and code of users. */

import { expect, test } from 'vitest';
import { OPERATOR_CASES } from '../../../bench/operators/main.ts';
import { allocatedPerRow, allocationsOf } from '../../support/allocations.ts';

/** Less than a number that V8 keeps in its heap, 12 bytes. `test/stress` looks at all operators. */
const MOST_BYTES = 8;

test.each(['filter 50 %', 'aggregate tumbling', 'join in windows'])('%s', async (name) => {
  const given = OPERATOR_CASES.find((one) => one.name.startsWith(name))!;
  expect(await allocatedPerRow(given), 'bytes for a row').toBeLessThan(MOST_BYTES);
});

test('a number that is kept for each row is seen', () => {
  const rows = 16_384;
  const kept: object[] = [];
  const { bytes } = allocationsOf(() => {
    for (let row = 0; row < rows; row++) kept[row % 64] = { row: row + 0.5 };
  });
  expect(kept).toHaveLength(64);
  expect(bytes / rows).toBeGreaterThan(MOST_BYTES);
});
