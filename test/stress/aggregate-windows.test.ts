/** Thousands of cases of sessions, and of windows whose results are revised. */

import { test } from 'vitest';
import {
  checkRetractions,
  checkRevisions,
  checkRowChanges,
} from '../property/aggregate-changes.property.ts';
import { checkSessions } from '../property/aggregate-session.property.ts';

const MANY = 5000;

test('sessions', async () => {
  await checkSessions(MANY);
});

test('early, final and late results', async () => {
  await checkRevisions(MANY);
});

test('what each row changes', async () => {
  await checkRowChanges(MANY);
});

test('rows that are taken back', async () => {
  await checkRetractions(MANY);
});
