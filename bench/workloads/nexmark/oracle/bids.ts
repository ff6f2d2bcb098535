/** Queries of bids by themselves: sessions, a side input, the last and the best of each group. @module */

import type { Bid } from '../model/rows.ts';
import { SIDE_ROWS } from '../side-input.ts';
import { at, type Emit, type Oracle, type Row, SECOND_MS } from './oracle.ts';

/** Of q11: rows of a bidder that are nearer to each other are of one session. */
const GAP_MS = 10 * SECOND_MS;
/** Of q19. */
const BEST = 10;

interface Session {
  readonly start: number;
  last: number;
  count: number;
}

/** Sessions of bidders; bids come in order of time. */
export function q11(emit: Emit): Oracle {
  const sessions = new Map<number, Session>();
  const give = (bidder: number, { start, last, count }: Session): void =>
    emit(() => ({ window_start: start, window_end: last + GAP_MS, bidder, bid_count: count }));
  return {
    bid({ bidder, dateTime }) {
      const open = sessions.get(bidder);
      if (open !== undefined && dateTime < open.last + GAP_MS) {
        open.last = dateTime;
        open.count++;
        return;
      }
      if (open !== undefined) give(bidder, open);
      sessions.set(bidder, { start: dateTime, last: dateTime, count: 1 });
    },
    end() {
      for (const [bidder, session] of sessions) give(bidder, session);
    },
  };
}

/** Bids with a column of a table. */
export function q13(emit: Emit): Oracle {
  return {
    bid: ({ auction, bidder, price, dateTime }) =>
      emit(() => ({ auction, bidder, price, dateTime, value: String(auction % SIDE_ROWS) })),
  };
}

/** Bids that are equal by what they are ordered by are told apart by their columns, in order. */
function compareColumns(one: Bid, other: Bid): number {
  for (const column of Object.keys(one) as (keyof Bid)[]) {
    if (one[column] !== other[column]) return one[column] < other[column] ? -1 : 1;
  }
  return 0;
}

const columnsOf = ({ auction, bidder, price, channel, url, dateTime, extra }: Bid): Bid & Row => ({
  auction,
  bidder,
  price,
  channel,
  url,
  dateTime,
  extra,
});

/** The last bid of each bidder for each auction. */
export function q18(emit: Emit): Oracle {
  const last = new Map<number, Map<number, Bid>>();
  return {
    bid(bid) {
      const ofBidder = at(last, bid.bidder, () => new Map<number, Bid>());
      const known = ofBidder.get(bid.auction);
      const isLater =
        known === undefined ||
        bid.dateTime > known.dateTime ||
        (bid.dateTime === known.dateTime && compareColumns(columnsOf(bid), columnsOf(known)) < 0);
      if (isLater) ofBidder.set(bid.auction, bid);
    },
    end() {
      for (const ofBidder of last.values()) {
        for (const bid of ofBidder.values()) emit(() => columnsOf(bid));
      }
    },
  };
}

/** The ten highest bids of each auction. */
export function q19(emit: Emit): Oracle {
  const best = new Map<number, Bid[]>();
  return {
    bid(bid) {
      const bids = at<number, Bid[]>(best, bid.auction, () => []);
      if (bids.length === BEST && bids[BEST - 1]!.price > bid.price) return;
      bids.push(bid);
      bids.sort((a, b) => b.price - a.price || compareColumns(columnsOf(a), columnsOf(b)));
      bids.length = Math.min(bids.length, BEST);
    },
    end() {
      for (const bids of best.values()) {
        bids.forEach((bid, place) => emit(() => ({ ...columnsOf(bid), rank_number: place + 1 })));
      }
    },
  };
}
