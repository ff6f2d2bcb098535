/** Patterns against an enumerator of all combinations: thousands of cases. */

import { test } from 'vitest';
import { checkPatterns } from '../property/pattern.property.ts';

test('patterns give what an enumerator of all combinations gives', async () => {
  await checkPatterns(6000);
}, 600_000);
