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

/** The counts of the newest row of q15 or q16. */
function lastStatistics(rows: readonly Row[]): unknown {
  const last = rows.toSorted(
    (a, b) => (b['total_bids'] as number) - (a['total_bids'] as number),
  )[0]!;
  const names = ['total', 'rank1', 'rank2', 'rank3'];
  return ['bids', 'bidders', 'auctions'].flatMap((of) =>
    names.map((name) => last[`${name}_${of}`]),
  );
}

/** What is known of the results from elsewhere. */
function summarize(results: Record<QueryName, readonly Row[]>): unknown {
  const { q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q11, q12, q13, q14, q15, q16, q17 } = results;
  const { q18, q19, q20 } = results;
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
    q4: {
      averages: q4
        .map(({ category, avg_price }) => [category as number, avg_price as number] as const)
        .toSorted(([a], [b]) => a - b),
    },
    q5: {
      rows: q5
        .map(({ auction, window_start, num }) => ({
          auction: auction as number,
          startMs: (window_start as number) - BASE_TIME_MS,
          num: num as number,
        }))
        .toSorted((a, b) => a.startMs - b.startMs || a.auction - b.auction),
    },
    q6: { rows: q6.length },
    q7: {
      rows: q7.map(({ auction, bidder, price, dateTime }) => ({
        auction,
        bidder,
        price,
        timeMs: (dateTime as number) - BASE_TIME_MS,
      })),
    },
    q8: { rows: q8.length, sumOfIds: sumOf(q8, 'id') },
    q9: { rows: q9.length, sumOfPrices: sumOf(q9, 'price') },
    q11: { sessions: q11.length, sumOfCounts: sumOf(q11, 'bid_count') },
    q12: { bidders: new Set(numbers(q12, 'bidder')).size, sumOfCounts: sumOf(q12, 'bid_count') },
    q13: {
      rows: q13.length,
      wrong: q13.filter(({ auction, value }) => String((auction as number) % 10_000) !== value),
    },
    q14: { rows: q14.length, sumOfCounts: sumOf(q14, 'c_counts') },
    q15: { last: lastStatistics(q15) },
    // Beam's bids have no channel.
    q16: { last: lastStatistics(q16) },
    q17: {
      groups: stats.length,
      sumOfLowest: sumOf(stats, 'min_price'),
      sumOfHighest: sumOf(stats, 'max_price'),
    },
    q18: { rows: q18.length },
    q19: { rows: q19.length, sumOfPrices: sumOf(q19, 'price') },
    q20: { rows: q20.length, sumOfPrices: sumOf(q20, 'price') },
  };
}

interface Golden {
  readonly events: number;
  readonly rate: number;
  readonly rows: Readonly<Record<string, number>>;
}

function readGolden(): Golden {
  return JSON.parse(readFileSync(GOLDEN, 'utf8')) as Golden;
}

/** Queries over Beam's events, whose bids have no channel and no url. */
const BEAM_QUERIES = QUERY_NAMES.filter((query) => query !== 'q21' && query !== 'q22');

/** Runs the queries over Beam's first 100,000 events and compares with {@link GOLDEN}. */
export async function expectGolden(workers: number): Promise<void> {
  const { events, rate, rows, ...expected } = readGolden();
  const found = await runQueries(BEAM_QUERIES, { generator: 'beam', events, rate }, workers);
  const results = Object.fromEntries(found) as Record<QueryName, readonly Row[]>;
  expect(results.q0).toHaveLength(rows['bid']!);
  expect(summarize(results)).toEqual(expected);
}

/** Sessions of q11 with another gap, over the same events. */
export async function sessionsOf(gap: string, workers: number): Promise<readonly Row[]> {
  const { events, rate } = readGolden();
  const overrides = [
    { pointer: '/operators/q11_counts/window/gap', valueText: JSON.stringify(gap) },
  ];
  const found = await runQueries(['q11'], { generator: 'beam', events, rate }, workers, overrides);
  return found.get('q11')!;
}
