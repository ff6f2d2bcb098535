/** Operators whose results are revised by replay, against the same over the rows that are left. */

import { test } from 'vitest';
import { checkRevisedSessions, checkRevisions } from './revisions.property.ts';

test('what is left of the results is that of the rows that are left', async () => {
  await checkRevisions(24);
});

test('sessions over changes are those of the rows that are left', async () => {
  await checkRevisedSessions(20);
});
