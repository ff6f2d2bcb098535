/**
 * Joins over windows and joins without a bound, against a model that compares all rows with all
 * rows: with disorder, late rows, several sources per side, null keys and duplicates, in any
 * interleaving of the inputs and any batches.
 */

import { test } from 'vitest';
import { checkWindowJoins, checkUnboundedJoins } from './join-reach.property.ts';

test('a join over windows gives what the model gives, for every interleaving', async () => {
  await checkWindowJoins(120);
});

test('a join without a bound gives all pairs, for every interleaving', async () => {
  await checkUnboundedJoins(100);
});
