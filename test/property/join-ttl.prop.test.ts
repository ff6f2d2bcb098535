/** Joins by `ttl`, of every kind, for every interleaving: their results describe the pairs that are near. */

import { test } from 'vitest';
import { checkJoinsByTtl } from './join-ttl.property.ts';

test('pair rows of which neither came too long after the other', async () => {
  await checkJoinsByTtl(120);
});
