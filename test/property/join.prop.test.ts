/**
 * The join against a model that compares all rows with all rows: with disorder, late rows, several
 * sources per side, null keys and duplicates, in any interleaving of the inputs and any batches.
 */

import { test } from 'vitest';
import { checkIntervalJoins } from './join.property.ts';

test('gives what the model gives, for every interleaving', async () => {
  await checkIntervalJoins(150);
});
