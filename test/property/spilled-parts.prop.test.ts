import { expect, test } from 'vitest';
import { checkSpilledParts, SUBJECTS } from './spilled-parts.property.ts';

/** Of each kind of kernel one; all of them, and many more cases, are in `test/stress`. */
const SOME = [
  'sessions of growing groups',
  'row windows',
  'top of windows',
  'left join within a time',
];

test('parts on disk give what they give in memory', async () => {
  let spilledRows = 0;
  for (const name of SOME) spilledRows += await checkSpilledParts(SUBJECTS[name]!, 1);
  expect(spilledRows).toBeGreaterThan(0);
});
