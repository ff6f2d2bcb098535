/** What is given of groups that are shed as a whole is true; see the property. */

import { test } from 'vitest';
import { checkSubsets } from './admission-subset.property.ts';

test('a unit that passes for a whole one has all of its rows, whatever comes when', () => {
  checkSubsets(20);
});
