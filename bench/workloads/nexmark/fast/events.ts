/**
 * The fast generator's events one by one, as objects: slow and plain. Tests compare the kernel with
 * it, and oracles compute from it.
 *
 * @module
 */

import type { Auction, Bid, Person, RowMaker } from '../model/rows.ts';
import {
  AUCTION_BYTES,
  BASE_TIME_MS,
  BID_BYTES,
  FIRST_AUCTION_ID,
  FIRST_PERSON_ID,
  lastAuction,
  lastPerson,
  PERSON_BYTES,
  type Timeline,
} from '../model/timeline.ts';
import {
  auctionRange,
  drawAuctionMs,
  drawCategory,
  drawChannel,
  drawExtraLength,
  drawNameLength,
  drawPrice,
  drawSlice,
  drawTextLength,
  personRange,
} from './draws.ts';
import { below16, eventHash, Lane, seedHash } from './random.ts';
import { type Tables, tablesOf } from './tables.ts';

/** Makes rows of the fast generator. */
export class FastEvents implements RowMaker {
  readonly #timeline: Timeline;
  readonly #seed: number;
  readonly #tables: Tables;

  constructor(timeline: Timeline, seed: number) {
    this.#timeline = timeline;
    this.#seed = seedHash(seed);
    this.#tables = tablesOf(seed);
  }

  person(event: number): Person {
    const hash = eventHash(event, this.#seed);
    const { names, emails, cities, states } = this.#tables;
    const pick = (texts: readonly string[], lane: number): string =>
      texts[below16(lane, texts.length)]!;
    const card = Math.imul(hash, Lane.CARD);
    const cardTail = Math.imul(hash, Lane.CARD_TAIL);
    const place = Math.imul(hash, Lane.PLACE);
    const name = pick(names, Math.imul(hash, Lane.NAME));
    const emailAddress = pick(emails, Math.imul(hash, Lane.EMAIL));
    const creditCard = [card, card << 16, cardTail, cardTail << 16]
      .map((lane) => String(below16(lane, 10_000)).padStart(4, '0'))
      .join(' ');
    const city = pick(cities, place);
    const state = pick(states, Math.imul(hash, Lane.CATEGORY));
    const size =
      8 + name.length + emailAddress.length + creditCard.length + city.length + state.length;
    return {
      id: FIRST_PERSON_ID + lastPerson(event),
      name,
      emailAddress,
      creditCard,
      city,
      state,
      dateTime: this.#timeMs(event),
      extra: this.#extra(hash, PERSON_BYTES - size),
    };
  }

  auction(event: number): Auction {
    const hash = eventHash(event, this.#seed);
    const people = personRange(lastPerson(event));
    const lane = Math.imul(hash, Lane.PERSON);
    const seller =
      lane >>> 30 > 0 ? people.hot : people.first + below16((lane >>> 14) << 16, people.count);
    const initialBid = drawPrice(Math.imul(hash, Lane.PRICE), this.#tables);
    const dateTime = this.#timeMs(event);
    const itemName = this.#slice(Math.imul(hash, Lane.NAME), drawNameLength(hash));
    const description = this.#slice(Math.imul(hash, Lane.TEXT), drawTextLength(hash));
    const size = 8 + itemName.length + description.length + 5 * 8;
    return {
      id: FIRST_AUCTION_ID + lastAuction(event),
      itemName,
      description,
      initialBid,
      reserve: initialBid + drawPrice(Math.imul(hash, Lane.RESERVE), this.#tables),
      dateTime,
      expires: dateTime + drawAuctionMs(hash, this.#timeline.longestAuctionMs(event)),
      seller: FIRST_PERSON_ID + seller,
      category: drawCategory(hash),
      extra: this.#extra(hash, AUCTION_BYTES - size),
    };
  }

  bid(event: number): Bid {
    const hash = eventHash(event, this.#seed);
    const auctions = auctionRange(lastAuction(event));
    const auctionLane = Math.imul(hash, Lane.AUCTION);
    const auction =
      auctionLane < 0
        ? auctions.hot
        : auctions.first + below16((auctionLane >>> 15) << 16, auctions.count);
    const people = personRange(lastPerson(event));
    const personLane = Math.imul(hash, Lane.PERSON);
    const bidder =
      personLane >>> 30 > 0
        ? people.hot + 1
        : people.first + below16((personLane >>> 14) << 16, people.count);
    const channel = drawChannel(hash);
    const slice = (): string => this.#extra(hash, BID_BYTES - 4 * 8);
    return {
      auction: FIRST_AUCTION_ID + auction,
      bidder: FIRST_PERSON_ID + bidder,
      price: drawPrice(Math.imul(hash, Lane.PRICE), this.#tables),
      channel: this.#tables.channels[channel]!,
      url: this.#tables.urls[channel]!,
      dateTime: this.#timeMs(event),
      // Made when it is looked at: oracles that count millions of bids do not.
      get extra() {
        return slice();
      },
    };
  }

  #timeMs(event: number): number {
    return BASE_TIME_MS + this.#timeline.offsetMs(event);
  }

  #extra(hash: number, missing: number): string {
    return this.#slice(Math.imul(hash, Lane.EXTRA_START), drawExtraLength(hash, missing));
  }

  #slice(lane: number, length: number): string {
    const start = 8 * drawSlice(lane);
    return String.fromCharCode(...this.#tables.letters.subarray(start, start + length));
  }
}
