/** Aggregates of streams of changes, see the property. */

import { test } from 'vitest';
import {
  checkTotalsOverChanges,
  checkWindowsOverChanges,
} from './aggregate-over-changes.property.ts';

test('windows over changes give what is left, at once or revised', async () => {
  await checkWindowsOverChanges(60);
});

test('the whole of a stream of changes comes to what is left of it', async () => {
  await checkTotalsOverChanges(30);
});
