/** Repetition in patterns, against a model that looks at all runs of rows. */

import { expect, test } from 'vitest';
import { checkRepeats } from './pattern-repeats.property.ts';

test('events that repeat give what an enumerator of all runs gives', async () => {
  expect(await checkRepeats(40)).toBeGreaterThan(100);
});
