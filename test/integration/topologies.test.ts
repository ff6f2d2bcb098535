/** Drawn topologies over drawn rows give what the model says; `test/stress` runs thousands more. */

import { expect, test } from 'vitest';
import { checkTopologies } from '../support/topologies/check.ts';

test('gives what the model says, in each way to run it', async () => {
  const { failure, plays, rows, operators } = await checkTopologies(SEEDS);
  expect(failure).toBeUndefined();
  expect(plays).toBe(2 * SEEDS.length);
  expect(rows).toBeGreaterThan(500);
  expect([...operators.keys()]).toEqual(expect.arrayContaining(['aggregate', 'join', 'top']));
});

/** Small ones with many operators. */
const SEEDS = [55, 139];
