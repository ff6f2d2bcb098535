/** What a queue absorbs is not dropped, and what is dropped is counted; see the properties. */

import { test } from 'vitest';
import { checkAbsorbed, checkAccounts } from './admission-absorb.property.ts';

test('nothing is dropped while what waits stays below the gate', () => {
  checkAbsorbed(30);
});

test('every row is done or counted as dropped, and a replay is the same to the row', () => {
  checkAccounts(12);
});
