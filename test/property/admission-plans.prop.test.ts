/** Plans for dropping against linear programs, see the properties. */

import { test } from 'vitest';
import { checkChains, checkDropPlans, checkLinearPrograms } from './admission-plans.property.ts';

test('a drop plan loses at most 5 % more than the best that saves as much', () => {
  checkDropPlans(200);
});

test('a linear program ends at its optimum', () => {
  checkLinearPrograms(200);
});

test('chains of two and four nodes: within capacity, by one program and by tables', () => {
  checkChains(100);
});
