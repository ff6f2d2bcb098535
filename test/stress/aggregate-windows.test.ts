/** Thousands of cases of sessions, and of windows whose results are revised. */

import { test } from 'vitest';
import {
  checkRetractions,
  checkRevisions,
  checkRowChanges,
} from '../property/aggregate-changes.property.ts';
import {
  checkTotalsOverChanges,
  checkWindowsOverChanges,
} from '../property/aggregate-over-changes.property.ts';
import { checkRevisedSessions } from '../property/aggregate-revised-sessions.property.ts';
import { checkSessions } from '../property/aggregate-session.property.ts';

const MANY = 5000;

test('sessions', async () => {
  await checkSessions(MANY);
});

test('early, final and late results of sessions', async () => {
  await checkRevisedSessions(MANY);
});

test('windows and the whole of streams of changes', async () => {
  await checkWindowsOverChanges(MANY);
  await checkTotalsOverChanges(MANY);
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
