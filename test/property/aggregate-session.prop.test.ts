/** Sessions, see the property. */

import { test } from 'vitest';
import { checkSessions } from './aggregate-session.property.ts';

test('sessions are those of the model, whenever watermarks come', async () => {
  await checkSessions(100);
});
