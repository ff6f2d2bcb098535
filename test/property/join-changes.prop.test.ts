/**
 * Joins whose results are taken back: after each batch, the table that the results describe is the join
 * of the tables that the inputs describe, and nothing is ever taken back that is not there.
 */

import { test } from 'vitest';
import { checkChangingJoins } from './join-changes.property.ts';

test('describe the join of what the inputs describe', () => {
  checkChangingJoins(150);
});
