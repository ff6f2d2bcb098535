/**
 * What the queries give, computed row by row in plain JavaScript: Maps and objects, nothing of the
 * engine's. Rows are objects by column, as an embedded output gives them with `int64: "number"`.
 *
 * @module
 */

import type { Auction, Bid, Person } from '../model/rows.ts';
import { q15, q16 } from './bid-statistics.ts';
import { q11, q13, q18, q19 } from './bids.ts';
import { at, DAY_MS, type Emit, type Oracle, type Row, SECOND_MS, windowsOf } from './oracle.ts';
import { q4, q6, q9 } from './winning-bids.ts';

export type { Emit, Oracle, Row } from './oracle.ts';

/** Days since 1970, until the year 2243. */
const MOST_DAYS = 100_000;
const EURO_MILLS = 908;
const NEAR_STATES: readonly string[] = ['OR', 'ID', 'CA'];
/** Of q3 and q20. */
const CATEGORY = 10;

const windowColumns = (start: number): Row => ({
  window_start: start,
  window_end: start + 10 * SECOND_MS,
});

/** 0.908 times a price: exact, with three places. */
function euros(price: number): string {
  const mills = price * EURO_MILLS;
  return `${Math.floor(mills / 1000)}.${String(mills % 1000).padStart(3, '0')}`;
}

/** Counts of keys by window. */
class WindowCounts<K> {
  readonly windows = new Map<number, Map<K, number>>();

  add(start: number, key: K): void {
    const counts = at(this.windows, start, () => new Map<K, number>());
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}

/** Bids that wait for their auction, or auctions for their seller. */
class Matches<L, R> {
  readonly #left = new Map<number, L[]>();
  readonly #right = new Map<number, R>();
  readonly #emit: (left: L, right: R) => void;

  constructor(emit: (left: L, right: R) => void) {
    this.#emit = emit;
  }

  addLeft(key: number, left: L): void {
    const right = this.#right.get(key);
    if (right === undefined) at(this.#left, key, () => []).push(left);
    else this.#emit(left, right);
  }

  /** A key has one right row at most. */
  addRight(key: number, right: R): void {
    this.#right.set(key, right);
    for (const left of this.#left.get(key) ?? []) this.#emit(left, right);
    this.#left.delete(key);
  }
}

function q5(emit: Emit): Oracle {
  const slideMs = 2 * SECOND_MS;
  const slides = new WindowCounts<number>();
  return {
    bid({ auction, dateTime }) {
      slides.add(Math.floor(dateTime / slideMs) * slideMs, auction);
    },
    end() {
      const starts = new Set(
        [...slides.windows.keys()].flatMap((time) => windowsOf(time, slideMs)),
      );
      for (const start of starts) {
        const counts = new Map<number, number>();
        for (let slide = start; slide < start + 10 * SECOND_MS; slide += slideMs) {
          for (const [auction, count] of slides.windows.get(slide) ?? []) {
            counts.set(auction, (counts.get(auction) ?? 0) + count);
          }
        }
        let most = 0;
        for (const num of counts.values()) most = Math.max(most, num);
        for (const [auction, num] of counts) {
          if (num === most) emit(() => ({ ...windowColumns(start), auction, num }));
        }
      }
    },
  };
}

function q7(emit: Emit): Oracle {
  const highest = new Map<number, Bid[]>();
  return {
    bid(bid) {
      const [start] = windowsOf(bid.dateTime, 10 * SECOND_MS);
      const best = at(highest, start!, () => []);
      if (best.length > 0 && best[0]!.price > bid.price) return;
      if (best.length > 0 && best[0]!.price < bid.price) best.length = 0;
      best.push(bid);
    },
    end() {
      for (const { auction, price, bidder, dateTime, extra } of [...highest.values()].flat()) {
        emit(() => ({ auction, price, bidder, dateTime, extra }));
      }
    },
  };
}

function q8(emit: Emit): Oracle {
  const sellers = new WindowCounts<number>();
  const people: Pick<Person, 'id' | 'name' | 'dateTime'>[] = [];
  return {
    person: ({ id, name, dateTime }) => void people.push({ id, name, dateTime }),
    auction({ seller, dateTime }) {
      sellers.add(windowsOf(dateTime, 10 * SECOND_MS)[0]!, seller);
    },
    end() {
      for (const { id, name, dateTime } of people) {
        const [starttime] = windowsOf(dateTime, 10 * SECOND_MS);
        if (sellers.windows.get(starttime!)?.has(id) === true) {
          emit(() => ({ id, name, starttime: starttime! }));
        }
      }
    },
  };
}

/** Which windows there are depends on the clock: the sum over them is what one can know. */
function q12(emit: Emit): Oracle {
  const counts = new Map<number, number>();
  return {
    bid: ({ bidder }) => void counts.set(bidder, (counts.get(bidder) ?? 0) + 1),
    end() {
      for (const [bidder, bid_count] of counts) emit(() => ({ bidder, bid_count }));
    },
  };
}

function q14(emit: Emit): Oracle {
  return {
    bid(bid) {
      const mills = bid.price * EURO_MILLS;
      if (mills <= 1e6 * 1000 || mills >= 5e7 * 1000) return;
      emit(() => {
        const { auction, bidder, price, dateTime, extra } = bid;
        const hour = new Date(dateTime).getUTCHours();
        const isNight = hour <= 6 || hour >= 20;
        return {
          auction,
          bidder,
          price: euros(price),
          bidTimeType: hour >= 8 && hour <= 18 ? 'dayTime' : isNight ? 'nightTime' : 'otherTime',
          dateTime,
          extra,
          c_counts: extra.split('c').length - 1,
        };
      });
    },
  };
}

/** Aggregates of q17. */
interface Stats {
  /** Bids by price: below 10,000, below 1,000,000, others. */
  readonly counts: [number, number, number];
  min: number;
  max: number;
  sum: number;
}

/** Updates come at even times: one for each group that changed within the two seconds before. */
function q17(emit: Emit): Oracle {
  // By auction and day, in one number.
  const groups = new Map<number, Stats>();
  const changed = new Set<number>();
  let interval = -Infinity;
  const giveChanged = (): void => {
    for (const key of changed) {
      const day = key % MOST_DAYS;
      const { counts, min, max, sum } = groups.get(key)!;
      const total = counts[0] + counts[1] + counts[2];
      emit(() => ({
        auction: Math.floor(key / MOST_DAYS),
        day: new Date(day * DAY_MS).toISOString().slice(0, 10),
        total_bids: total,
        rank1_bids: counts[0],
        rank2_bids: counts[1],
        rank3_bids: counts[2],
        min_price: min,
        max_price: max,
        avg_price: sum / total,
        sum_price: sum,
      }));
    }
    changed.clear();
  };
  return {
    bid({ auction, price, dateTime }) {
      const now = Math.floor(dateTime / (2 * SECOND_MS));
      if (now > interval) giveChanged();
      interval = now;
      const key = auction * MOST_DAYS + Math.floor(dateTime / DAY_MS);
      const stats = at<number, Stats>(groups, key, () => ({
        counts: [0, 0, 0],
        min: Infinity,
        max: 0,
        sum: 0,
      }));
      stats.counts[price < 10_000 ? 0 : price < 1_000_000 ? 1 : 2]++;
      stats.min = Math.min(stats.min, price);
      stats.max = Math.max(stats.max, price);
      stats.sum += price;
      changed.add(key);
    },
    end: giveChanged,
  };
}

function q3(emit: Emit): Oracle {
  const matches = new Matches<Auction, Person>(({ id }, { name, city, state }) =>
    emit(() => ({ name, city, state, id })),
  );
  return {
    person(person) {
      if (NEAR_STATES.includes(person.state)) matches.addRight(person.id, person);
    },
    auction(auction) {
      if (auction.category === CATEGORY) matches.addLeft(auction.seller, auction);
    },
  };
}

function q20(emit: Emit): Oracle {
  const matches = new Matches<Bid, Auction>((bid, auction) =>
    emit(() => ({
      auction: bid.auction,
      bidder: bid.bidder,
      price: bid.price,
      channel: bid.channel,
      url: bid.url,
      bidTime: bid.dateTime,
      bidExtra: bid.extra,
      itemName: auction.itemName,
      description: auction.description,
      initialBid: auction.initialBid,
      reserve: auction.reserve,
      auctionTime: auction.dateTime,
      expires: auction.expires,
      seller: auction.seller,
      category: auction.category,
      auctionExtra: auction.extra,
    })),
  );
  // Only bids that come before their auction wait.
  let newest = 0;
  const others = new Set<number>();
  return {
    auction(auction) {
      newest = auction.id;
      if (auction.category === CATEGORY) matches.addRight(auction.id, auction);
      else others.add(auction.id);
    },
    bid(bid) {
      if (bid.auction > newest || !others.has(bid.auction)) matches.addLeft(bid.auction, bid);
    },
  };
}

const CHANNEL_IDS: Readonly<Record<string, string>> = {
  apple: '0',
  google: '1',
  facebook: '2',
  baidu: '3',
};

function q21(emit: Emit): Oracle {
  return {
    bid({ auction, bidder, price, channel, url }) {
      const byName = CHANNEL_IDS[channel.toLowerCase()];
      const channel_id = byName ?? url.split('&channel_id=')[1];
      if (channel_id === undefined) return;
      emit(() => ({ auction, bidder, price, channel, channel_id }));
    },
  };
}

/** Queries that are here, and how to compute them. */
export const ORACLES = {
  q0: (emit: Emit): Oracle => ({
    bid: ({ auction, bidder, price, dateTime, extra }) =>
      emit(() => ({ auction, bidder, price, dateTime, extra })),
  }),
  q1: (emit: Emit): Oracle => ({
    bid: ({ auction, bidder, price, dateTime, extra }) =>
      emit(() => ({ auction, bidder, price: euros(price), dateTime, extra })),
  }),
  q2: (emit: Emit): Oracle => ({
    bid({ auction, price }) {
      if (auction % 123 === 0) emit(() => ({ auction, price }));
    },
  }),
  q3,
  q4,
  q5,
  q6,
  q7,
  q8,
  q9,
  q11,
  q12,
  q13,
  q14,
  q15,
  q16,
  q17,
  q18,
  q19,
  q20,
  q21,
  q22: (emit: Emit): Oracle => ({
    bid: ({ auction, bidder, price, channel, url }) =>
      emit(() => {
        const parts = url.split('/');
        const [dir1, dir2, dir3] = [3, 4, 5].map((part) => parts[part] ?? null);
        return { auction, bidder, price, channel, dir1: dir1!, dir2: dir2!, dir3: dir3! };
      }),
  }),
} as const;

/** Name of a query. */
export type QueryName = keyof typeof ORACLES;

/** All of them. */
export const QUERY_NAMES = Object.keys(ORACLES) as QueryName[];
