/** Patterns against a model that looks at all combinations of rows: thousands of cases. */

import { test } from 'vitest';
import { checkPatterns, checkSkips } from '../property/pattern.property.ts';

test('patterns give what an enumerator of all combinations gives', async () => {
  await checkPatterns(6000);
}, 600_000);

test('patterns that skip give the first of those that begin with one row, or overlap', async () => {
  await checkSkips(4000);
}, 600_000);
