import { expect, test } from 'vitest';
import { checkSpilledAggregates } from './spilled-aggregates.property.ts';

test('groups on disk have the results of the model', async () => {
  expect(await checkSpilledAggregates(12)).toBeGreaterThan(10);
});
