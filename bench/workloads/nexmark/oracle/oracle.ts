/** What the oracles of all queries share. @module */

import type { Auction, Bid, Person } from '../model/rows.ts';

/** A result. */
export type Row = Readonly<Record<string, string | number | null>>;

/** Takes a result; a function, so that those who only count need not make it. */
export type Emit = (row: () => Row) => void;

/** Computes one query. Events come in order. */
export interface Oracle {
  person?(person: Person): void;
  auction?(auction: Auction): void;
  bid?(bid: Bid): void;
  /** The end of the input. */
  end?(): void;
}

export const SECOND_MS = 1000;
export const DAY_MS = 86_400_000;

/** Starts of the windows of 10 s that a time lies in, one every `slideMs`. */
export function windowsOf(timeMs: number, slideMs: number): number[] {
  const starts: number[] = [];
  const last = Math.floor(timeMs / slideMs) * slideMs;
  for (let start = last; start > timeMs - 10 * SECOND_MS; start -= slideMs) starts.push(start);
  return starts;
}

/** A value in a Map of Maps, made when it is not there. */
export function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
