/** NEXMark's queries with more workers than `npm test` has time for. */
import { test } from 'vitest';
import { expectGolden } from '../support/nexmark/golden.ts';

for (const workers of [3, 4]) {
  test(`over the events of Beam, ${workers} workers`, () => expectGolden(workers));
}
