/** Windows that rows open and close, against models that hold every row against every window. */

import { test } from 'vitest';
import { checkDimensions, checkValues } from './row-windows.property.ts';

test('windows of counts, conditions and several dimensions are those of the model', async () => {
  await checkDimensions(60);
});

test('windows over a value hold the rows whose value lies in them', async () => {
  await checkValues(60);
});
