/** Which rows of a stream of changes take others back. */

import { describe, expect, test } from 'vitest';
import { Change, CHANGE_FIELD, isRetraction } from '../../../src/core/changes.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';

describe('a row with the change', () => {
  test.each([
    [Change.INSERT, false],
    [Change.UPDATE_BEFORE, true],
    [Change.UPDATE_AFTER, false],
    [Change.DELETE, true],
    ['', false],
    [null, false],
  ])('%j', (change, takesBack) => {
    const batch = allocateBatch({ schema: [CHANGE_FIELD], hasTime: false }, 64, 64);
    fillBatch(batch, [{ values: [change] }]);
    expect(isRetraction(batch.columns[0]!, 0)).toBe(takesBack);
  });
});
