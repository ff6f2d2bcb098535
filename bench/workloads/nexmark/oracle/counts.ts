/**
 * How many rows each query gives.
 *
 * To count those of some ten million events takes minutes, so the counts for the numbers of events that
 * are usually measured are kept in `counts.json`, by {@link keyOf}; `--recount` counts them anew.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import type { EventOptions } from '../run-query.ts';
import { computeQueries } from './compute.ts';
import type { Emit, QueryName } from './queries.ts';

/** Rows by query. */
export type Counts = ReadonlyMap<QueryName, number>;

type KnownCounts = Readonly<Record<string, Readonly<Partial<Record<QueryName, number>>>>>;

const FILE = new URL('./counts.json', import.meta.url);

/** What `counts.json` has the counts of some events under. */
export function keyOf({ generator, rate, events }: EventOptions): string {
  return `${generator} rate=${rate} events=${events}`;
}

/** What was counted before of these events, as far as it was. */
export function knownCounts(options: EventOptions): Counts {
  const known = (JSON.parse(readFileSync(FILE, 'utf8')) as KnownCounts)[keyOf(options)] ?? {};
  return new Map(Object.entries(known) as [QueryName, number][]);
}

/** Computes them. */
export function countResults(options: EventOptions, queries: readonly QueryName[]): Counts {
  const counts = new Map<QueryName, number>(queries.map((query) => [query, 0]));
  const emits = queries.map((query): [QueryName, Emit] => [
    query,
    () => void counts.set(query, counts.get(query)! + 1),
  ]);
  computeQueries(options, new Map(emits));
  return counts;
}
