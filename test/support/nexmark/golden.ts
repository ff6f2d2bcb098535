/** Runs NEXMark's queries and sums their results up. @module */

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { runQueries } from '../../../bench/workloads/nexmark/merge-queries.ts';
import { BASE_TIME_MS } from '../../../bench/workloads/nexmark/model/timeline.ts';
import {
  QUERY_NAMES,
  type QueryName,
  type Row,
} from '../../../bench/workloads/nexmark/oracle/queries.ts';

/** Counts and sums from elsewhere. */
const GOLDEN = new URL('../../golden/nexmark/beam-100k.json', import.meta.url);

const numbers = (rows: readonly Row[], column: string): number[] =>
  rows.map((row) => row[column] as number);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const sumOf = (rows: readonly Row[], column: string): number => sum(numbers(rows, column));

/** What is known of the results from elsewhere. */
function summarize(results: Record<QueryName, readonly Row[]>): unknown {
  const { q0, q1, q2, q3, q5, q7, q8, q12, q14, q17, q20 } = results;
  const prices = numbers(q0, 'price');
  const mills = q1.map((row) => Number((row['price'] as string).replace('.', '')));
  const finals = new Map<number, Row>();
  for (const row of q17) {
    const known = finals.get(row['auction'] as number);
    const isNewer =
      known === undefined || (row['total_bids'] as number) > (known['total_bids'] as number);
    if (isNewer) finals.set(row['auction'] as number, row);
  }
  const stats = [...finals.values()];
  return {
    bids: {
      sumOfPrices: sum(prices),
      highestPrice: prices.reduce((a, b) => Math.max(a, b)),
      lowestPrice: prices.reduce((a, b) => Math.min(a, b)),
      bidders: new Set(numbers(q0, 'bidder')).size,
      auctions: new Set(numbers(q0, 'auction')).size,
    },
    q1: { rows: q1.length, sumOfMills: sum(mills) },
    q2: { rows: q2.length, sumOfPrices: sumOf(q2, 'price') },
    q3: { rows: q3.length, sumOfIds: sumOf(q3, 'id') },
    q5: {
      rows: q5
        .map(({ auction, window_start, num }) => ({
          auction: auction as number,
          startMs: (window_start as number) - BASE_TIME_MS,
          num: num as number,
        }))
        .toSorted((a, b) => a.startMs - b.startMs || a.auction - b.auction),
    },
    q7: {
      rows: q7.map(({ auction, bidder, price, dateTime }) => ({
        auction,
        bidder,
        price,
        timeMs: (dateTime as number) - BASE_TIME_MS,
      })),
    },
    q8: { rows: q8.length, sumOfIds: sumOf(q8, 'id') },
    q12: { bidders: new Set(numbers(q12, 'bidder')).size, sumOfCounts: sumOf(q12, 'bid_count') },
    q14: { rows: q14.length, sumOfCounts: sumOf(q14, 'c_counts') },
    q17: {
      groups: stats.length,
      sumOfLowest: sumOf(stats, 'min_price'),
      sumOfHighest: sumOf(stats, 'max_price'),
    },
    q20: { rows: q20.length, sumOfPrices: sumOf(q20, 'price') },
  };
}

/** Queries over Beam's events, whose bids have no channel and no url. */
const BEAM_QUERIES = QUERY_NAMES.filter((query) => query !== 'q21' && query !== 'q22');

/** Runs the queries over Beam's first 100,000 events and compares with {@link GOLDEN}. */
export async function expectGolden(workers: number): Promise<void> {
  const { events, rate, rows, ...expected } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
    events: number;
    rate: number;
    rows: Record<string, number>;
  };
  const found = await runQueries(BEAM_QUERIES, { generator: 'beam', events, rate }, workers);
  const results = Object.fromEntries(found) as Record<QueryName, readonly Row[]>;
  expect(results.q0).toHaveLength(rows['bid']!);
  expect(summarize(results)).toEqual(expected);
}
