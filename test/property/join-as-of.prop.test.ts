/**
 * As-of joins against a model that looks at all versions for each row: with disorder, late rows, several
 * sources per side, null keys, versions of the same time, in any interleaving of the inputs and any batches.
 */

import { test } from 'vitest';
import { checkAsOfJoins } from './join-as-of.property.ts';

test('each row has the latest version of its key, for every interleaving', async () => {
  await checkAsOfJoins(80);
});
