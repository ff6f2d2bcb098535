/** Windows that rows open and close: thousands of cases. */

import { test } from 'vitest';
import { checkDimensions, checkValues } from '../property/row-windows.property.ts';

test('windows of counts, conditions and several dimensions are those of the model', async () => {
  await checkDimensions(4000);
}, 600_000);

test('windows over a value hold the rows whose value lies in them', async () => {
  await checkValues(4000);
}, 600_000);
