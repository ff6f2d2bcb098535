/** Queries of the bids that win: the highest while an auction is open, the first of equal ones. @module */

import type { Auction, Bid } from '../model/rows.ts';
import { at, type Emit, type Oracle, SECOND_MS, windowsOf } from './oracle.ts';

/** Of q6: how many auctions of a seller a mean is over. */
const MOST_AUCTIONS = 11;

/** An auction with its best bid so far. */
interface Sale {
  readonly auction: Auction;
  best?: Bid;
}

/** One that was won. */
type Sold = Required<Sale>;

/** Whether a bid is better than another one for the same auction. */
function isBetter(bid: Bid, best: Bid): boolean {
  if (bid.price !== best.price) return bid.price > best.price;
  if (bid.dateTime !== best.dateTime) return bid.dateTime < best.dateTime;
  if (bid.bidder !== best.bidder) return bid.bidder < best.bidder;
  return bid.extra < best.extra;
}

/** Finds the winning bids; `end` takes the auctions that have one, by id. */
function winningBids(end: (sold: readonly Sold[]) => void): Oracle {
  const sales = new Map<number, Sale>();
  // Some bids come before their auction, and count where they have its time.
  const early = new Map<number, Bid[]>();
  const offer = (sale: Sale, bid: Bid): void => {
    const { dateTime, expires } = sale.auction;
    if (bid.dateTime < dateTime || bid.dateTime > expires) return;
    if (sale.best === undefined || isBetter(bid, sale.best)) sale.best = bid;
  };
  return {
    auction(auction) {
      const sale: Sale = { auction };
      sales.set(auction.id, sale);
      for (const bid of early.get(auction.id) ?? []) offer(sale, bid);
      early.delete(auction.id);
    },
    bid(bid) {
      const sale = sales.get(bid.auction);
      if (sale === undefined) at(early, bid.auction, () => []).push(bid);
      else offer(sale, bid);
    },
    end() {
      const sold = [...sales.values()].filter((sale): sale is Sold => sale.best !== undefined);
      end(sold.sort((a, b) => a.auction.id - b.auction.id));
    },
  };
}

/** Means by category: an update for each that sold something in the ten seconds before. */
export function q4(emit: Emit): Oracle {
  return winningBids((sold) => {
    const windows = new Map<number, Sold[]>();
    for (const sale of sold) {
      at(windows, windowsOf(sale.auction.dateTime, 10 * SECOND_MS)[0]!, () => []).push(sale);
    }
    const totals = new Map<number, { sum: number; count: number }>();
    for (const start of [...windows.keys()].toSorted((a, b) => a - b)) {
      const changed = new Set<number>();
      for (const { auction, best } of windows.get(start)!) {
        const total = at(totals, auction.category, () => ({ sum: 0, count: 0 }));
        total.sum += best.price;
        total.count++;
        changed.add(auction.category);
      }
      for (const category of changed) {
        const avg_price = totals.get(category)!.sum / totals.get(category)!.count;
        emit(() => ({ category, avg_price }));
      }
    }
  });
}

/** The mean of a seller's last prices, at each sale. */
export function q6(emit: Emit): Oracle {
  return winningBids((sold) => {
    const prices = new Map<number, number[]>();
    // The sort is stable: sales of one time stay in the order of their ids.
    for (const { auction, best } of sold.toSorted((a, b) => a.best.dateTime - b.best.dateTime)) {
      const last = at<number, number[]>(prices, auction.seller, () => []);
      last.push(best.price);
      if (last.length > MOST_AUCTIONS) last.shift();
      const avg_price = last.reduce((a, b) => a + b) / last.length;
      emit(() => ({ seller: auction.seller, avg_price }));
    }
  });
}

/** Auctions with their winning bids. */
export function q9(emit: Emit): Oracle {
  return winningBids((sold) => {
    for (const { auction, best } of sold) {
      emit(() => ({
        id: auction.id,
        itemName: auction.itemName,
        description: auction.description,
        initialBid: auction.initialBid,
        reserve: auction.reserve,
        dateTime: auction.dateTime,
        expires: auction.expires,
        seller: auction.seller,
        category: auction.category,
        extra: auction.extra,
        auction: best.auction,
        bidder: best.bidder,
        price: best.price,
        bid_dateTime: best.dateTime,
        bid_extra: best.extra,
      }));
    }
  });
}
