/**
 * NEXMark's queries over Beam's deterministic events give the counts and sums that DuckDB gave for the
 * same events, and those of the fast generator what a plain computation gives. Four workers are in
 * `test/stress`.
 */
import { expect, test } from 'vitest';
import { compareWithOracle } from '../../bench/workloads/nexmark/oracle/compare.ts';
import { QUERY_NAMES } from '../../bench/workloads/nexmark/oracle/queries.ts';
import { expectGolden, sessionsOf } from '../support/nexmark/golden.ts';

for (const workers of [1, 2]) {
  test(`Beam's events, ${workers} workers`, () => expectGolden(workers));
}

test("sessions of q11 with a gap of 1 s, Beam's events, 2 workers", async () => {
  const sessions = await sessionsOf('1s', 2);
  expect(sessions).toHaveLength(3020);
  expect(sessions.reduce((sum, row) => sum + (row['bid_count'] as number), 0)).toBe(92_000);
});

test('the fast events, row for row, 2 workers', async () => {
  const options = { generator: 'fast', events: 12_000, rate: 1000 } as const;
  const [comparison] = await compareWithOracle(QUERY_NAMES, options, [2]);
  expect([...comparison!.differences]).toEqual([]);
  for (const query of QUERY_NAMES) expect(comparison!.rows.get(query)).toBeGreaterThan(0);
});
