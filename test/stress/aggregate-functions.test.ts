import { test } from 'vitest';
import {
  checkRetraction,
  checkStages,
  checkWindows,
} from '../property/aggregate-functions.property.ts';

const MANY = 2000;

test('aggregate functions in windows and batches of all kinds', async () => {
  await checkWindows(MANY);
});

test('aggregate functions in two stages', async () => {
  await checkStages(MANY);
});

test('aggregate functions of rows that are taken back', async () => {
  await checkRetraction(MANY);
});
