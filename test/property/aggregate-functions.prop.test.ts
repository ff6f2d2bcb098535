import { test } from 'vitest';
import { checkRetraction, checkStages, checkWindows } from './aggregate-functions.property.ts';

test('aggregate functions give what obvious ones give, in windows and batches of all kinds', async () => {
  await checkWindows(5);
});

test('the same in two stages', async () => {
  await checkStages(4);
});

test('rows that are taken back leave no trace', async () => {
  await checkRetraction(5);
});
