/** Joins of more than two streams, see the property. */

import { test } from 'vitest';
import { checkJoinsOfSeveral } from './join-several.property.ts';

test('a join of several streams gives what nested loops give', async () => {
  await checkJoinsOfSeveral(40);
});
