/** Sessions that are revised, see the property. */

import { test } from 'vitest';
import { checkRevisedSessions } from './aggregate-revised-sessions.property.ts';

test('early, final and late results of sessions are those of the model, whenever watermarks come', async () => {
  await checkRevisedSessions(80);
});
