/** Compares the rows of the engine with those of the oracle. @module */

import { runQueries } from '../merge-queries.ts';
import type { EventOptions } from '../run-query.ts';
import { computeQueries } from './compute.ts';
import type { QueryName, Row } from './queries.ts';

/** How the rows of all queries compare, with a number of workers. */
export interface Comparison {
  readonly workers: number;
  /** Rows that the engine gave. */
  readonly rows: ReadonlyMap<QueryName, number>;
  /** Where rows differ first, for queries where they do. */
  readonly differences: ReadonlyMap<QueryName, string>;
}

/** Runs queries and computes them, once for each number of workers. */
export async function compareWithOracle(
  queries: readonly QueryName[],
  options: EventOptions,
  workerCounts: readonly number[],
): Promise<readonly Comparison[]> {
  const expected = oracleResults(queries, options);
  const comparisons: Comparison[] = [];
  for (const workers of workerCounts) {
    const found = await runQueries(queries, options, workers);
    const differences = new Map<QueryName, string>();
    for (const [query, rows] of found) {
      const comparable = query === 'q12' ? sumsByBidder(rows) : rows;
      const difference = firstDifference(inOrder(comparable), expected.get(query)!);
      if (difference !== undefined) differences.set(query, difference);
    }
    const rows = new Map([...found].map(([query, list]) => [query, list.length]));
    comparisons.push({ workers, rows, differences });
  }
  return comparisons;
}

/** Which windows of processing time there are nobody knows: the sums over them can be compared. */
function sumsByBidder(rows: readonly Row[]): Row[] {
  const counts = new Map<number, number>();
  for (const row of rows) {
    const bidder = row['bidder'] as number;
    counts.set(bidder, (counts.get(bidder) ?? 0) + (row['bid_count'] as number));
  }
  return [...counts].map(([bidder, bid_count]) => ({ bidder, bid_count }));
}

/** Rows as texts, in order. */
function inOrder(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

function oracleResults(
  queries: readonly QueryName[],
  options: EventOptions,
): ReadonlyMap<QueryName, readonly string[]> {
  const rows = new Map<QueryName, Row[]>(queries.map((query) => [query, []]));
  const emits = queries.map((query): [QueryName, (row: () => Row) => void] => [
    query,
    (row) => void rows.get(query)!.push(row()),
  ]);
  computeQueries(options, new Map(emits));
  return new Map([...rows].map(([query, list]) => [query, inOrder(list)]));
}

function firstDifference(
  found: readonly string[],
  expected: readonly string[],
): string | undefined {
  const rows = Math.max(found.length, expected.length);
  for (let i = 0; i < rows; i++) {
    if (found[i] === expected[i]) continue;
    return (
      `of ${found.length} rows, ${expected.length} expected, number ${i}: ` +
      `${found[i]}, expected ${expected[i]}`
    );
  }
  return undefined;
}
