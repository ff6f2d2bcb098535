/** Patterns, against a model that looks at all combinations of rows. */

import { expect, test } from 'vitest';
import { checkPatterns, checkSkips } from './pattern.property.ts';

test('patterns give what an enumerator of all combinations gives', async () => {
  expect(await checkPatterns(60)).toBeGreaterThan(50);
});

test('patterns that skip give the first of those that begin with one row, or overlap', async () => {
  expect(await checkSkips(40)).toBeGreaterThan(50);
});
