/** Results that are revised, see the properties. */

import { test } from 'vitest';
import { checkRetractions, checkRevisions, checkRowChanges } from './aggregate-changes.property.ts';

test('early, final and late results are those of the model, whenever watermarks come', async () => {
  await checkRevisions(60);
});

test('what each row changes is what the model says, for any batches', async () => {
  await checkRowChanges(40);
});

test('rows that are taken back change results back', async () => {
  await checkRetractions(40);
});
