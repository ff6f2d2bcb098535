/** Queries that count bids, and different bidders and auctions, by day and by price. @module */

import type { Bid } from '../model/rows.ts';
import { at, DAY_MS, type Emit, type Oracle, type Row, SECOND_MS } from './oracle.ts';

/** Updates come at even times: one for each group that changed within the two seconds before. */
const UPDATE_MS = 2 * SECOND_MS;

const rankOf = (price: number): number => (price < 10_000 ? 1 : price < 1_000_000 ? 2 : 3);

/** Different values, over all prices and by rank of the price. */
class Distinct {
  /** The ranks that each value was seen with, a bit each. */
  readonly #ranks = new Map<number, number>();
  /** Of all, and by rank. */
  readonly counts: [number, number, number, number] = [0, 0, 0, 0];

  add(value: number, rank: number): void {
    const known = this.#ranks.get(value) ?? 0;
    if (known === 0) this.counts[0]++;
    if ((known & (1 << rank)) === 0) this.counts[rank]!++;
    this.#ranks.set(value, known | (1 << rank));
  }
}

/** What is known of the bids of a group. */
class Statistics {
  readonly bids: [number, number, number, number] = [0, 0, 0, 0];
  readonly bidders = new Distinct();
  readonly auctions = new Distinct();
  lastMs = -Infinity;

  add({ auction, bidder, price, dateTime }: Bid): void {
    const rank = rankOf(price);
    this.bids[0]++;
    this.bids[rank]!++;
    this.bidders.add(bidder, rank);
    this.auctions.add(auction, rank);
    this.lastMs = Math.max(this.lastMs, dateTime);
  }

  /** Columns of the counts. */
  columns(): Row {
    const counts = {
      bids: this.bids,
      bidders: this.bidders.counts,
      auctions: this.auctions.counts,
    };
    return Object.fromEntries(
      Object.entries(counts).flatMap(([of, [total, ...ranks]]) => [
        [`total_${of}`, total],
        ...ranks.map((count, i) => [`rank${i + 1}_${of}`, count] as const),
      ]),
    );
  }
}

/** The statistics of some groups, which are named by texts, as they change. */
function statisticsBy(
  keyOf: (bid: Bid) => string,
  give: (key: string, dayMs: number, statistics: Statistics) => void,
): Oracle {
  const days = new Map<number, Map<string, Statistics>>();
  const changed = new Map<number, Set<string>>();
  let update = -Infinity;
  const giveChanged = (): void => {
    for (const [dayMs, keys] of changed) {
      for (const key of keys) give(key, dayMs, days.get(dayMs)!.get(key)!);
    }
    changed.clear();
  };
  return {
    bid(bid) {
      const now = Math.floor(bid.dateTime / UPDATE_MS);
      if (now > update) giveChanged();
      update = now;
      const dayMs = Math.floor(bid.dateTime / DAY_MS) * DAY_MS;
      const key = keyOf(bid);
      at(
        at(days, dayMs, () => new Map<string, Statistics>()),
        key,
        () => new Statistics(),
      ).add(bid);
      at(changed, dayMs, () => new Set<string>()).add(key);
    },
    end: giveChanged,
  };
}

const dayOf = (dayMs: number): string => new Date(dayMs).toISOString().slice(0, 10);

/** By day. */
export function q15(emit: Emit): Oracle {
  return statisticsBy(
    () => '',
    (_, dayMs, statistics) => emit(() => ({ day: dayOf(dayMs), ...statistics.columns() })),
  );
}

/** By channel and day, with the last minute in which there was a bid. */
export function q16(emit: Emit): Oracle {
  return statisticsBy(
    ({ channel }) => channel,
    (channel, dayMs, statistics) =>
      emit(() => ({
        channel,
        day: dayOf(dayMs),
        minute: new Date(statistics.lastMs).toISOString().slice(11, 16),
        ...statistics.columns(),
      })),
  );
}
