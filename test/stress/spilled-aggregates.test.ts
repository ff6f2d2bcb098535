/** Thousands of aggregates with more groups than room. */

import { expect, test } from 'vitest';
import { checkSpilledAggregates } from '../property/spilled-aggregates.property.ts';

test('groups on disk have the results of the model', { timeout: 600_000 }, async () => {
  expect(await checkSpilledAggregates(4000)).toBeGreaterThan(100_000);
});
