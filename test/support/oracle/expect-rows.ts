/** Comparing rows whose order nobody promised. @module */

import { expect } from 'vitest';

/** Checks that two lists have the same rows, equally often; shows a few that do not fit. */
export function expectSameRows(
  actual: readonly string[],
  expected: readonly string[],
  what: string,
): void {
  const counts = new Map<string, number>();
  for (const row of expected) counts.set(row, (counts.get(row) ?? 0) + 1);
  for (const row of actual) counts.set(row, (counts.get(row) ?? 0) - 1);
  const wrong = [...counts]
    .filter(([, count]) => count !== 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const shown = wrong
    .slice(0, 12)
    .map(([row, count]) =>
      count > 0 ? `missing ${count}: ${row}` : `unexpected ${-count}: ${row}`,
    );
  expect(shown, `${what}: ${wrong.length} kinds of rows differ`).toEqual([]);
  expect(actual.length, what).toBe(expected.length);
}
