/** Tenants and their shares; see the property. */

import { test } from 'vitest';
import { checkShares } from './admission-tenants.property.ts';

test('tenants of random weights, loads and values get their shares, to a Jain index of 0.99', () => {
  checkShares(8);
});
