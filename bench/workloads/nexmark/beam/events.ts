/**
 * Apache Beam's events: each is a function of its number alone, since every event draws from a
 * `java.util.Random` seeded by it. The order of draws is part of the definition.
 *
 * @module
 */

import { CITIES, FIRST_NAMES, LAST_NAMES, STATES } from '../model/names.ts';
import type { Auction, Bid, Person, RowMaker } from '../model/rows.ts';
import {
  ACTIVE_PEOPLE,
  AUCTION_BYTES,
  AUCTION_ID_LEAD,
  AUCTIONS_IN_FLIGHT,
  BASE_TIME_MS,
  BID_BYTES,
  CATEGORIES,
  FIRST_AUCTION_ID,
  FIRST_CATEGORY_ID,
  FIRST_PERSON_ID,
  HOT_AUCTION_RATIO,
  HOT_BATCH,
  HOT_BIDDER_RATIO,
  HOT_SELLER_RATIO,
  lastAuction,
  lastPerson,
  PERSON_BYTES,
  PERSON_ID_LEAD,
  Timeline,
} from '../model/timeline.ts';
import { JavaRandom } from './java-random.ts';

/** Shortest random text. */
const MIN_TEXT = 3;
/** Characters that one 32-bit number gives. */
const CHARACTERS_PER_INT = 6;

/** Beam's generator, with one generator in all. */
export class BeamEvents implements RowMaker {
  readonly #timeline: Timeline;
  readonly #random = new JavaRandom(0);

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  person(event: number): Person {
    this.#random.seed(event);
    const name = `${this.#pick(FIRST_NAMES)} ${this.#pick(LAST_NAMES)}`;
    const emailAddress = `${this.#text(7)}@${this.#text(5)}.com`;
    const creditCard = Array.from({ length: 4 }, () =>
      String(this.#random.nextBelow(10_000)).padStart(4, '0'),
    ).join(' ');
    const city = this.#pick(CITIES);
    const state = this.#pick(STATES);
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
      extra: this.#extra(size, PERSON_BYTES),
    };
  }

  auction(event: number): Auction {
    const random = this.#random;
    random.seed(event);
    const isHot = random.nextBelow(HOT_SELLER_RATIO) > 0;
    const seller = isHot
      ? Math.floor(lastPerson(event) / HOT_BATCH) * HOT_BATCH
      : this.#anyPerson(event);
    const category = FIRST_CATEGORY_ID + random.nextBelow(CATEGORIES);
    const initialBid = this.#price();
    const dateTime = this.#timeMs(event);
    const expires = dateTime + 1 + random.nextBelow(this.#timeline.longestAuctionMs(event));
    const itemName = this.#text(20);
    const description = this.#text(100);
    const reserve = initialBid + this.#price();
    return {
      id: FIRST_AUCTION_ID + lastAuction(event),
      itemName,
      description,
      initialBid,
      reserve,
      dateTime,
      expires,
      seller: FIRST_PERSON_ID + seller,
      category,
      extra: this.#extra(8 + itemName.length + description.length + 5 * 8, AUCTION_BYTES),
    };
  }

  /** Beam's bids have neither channel nor url: both are empty. */
  bid(event: number): Bid {
    const random = this.#random;
    random.seed(event);
    const auction =
      random.nextBelow(HOT_AUCTION_RATIO) > 0
        ? Math.floor(lastAuction(event) / HOT_BATCH) * HOT_BATCH
        : this.#anyAuction(event);
    const bidder =
      random.nextBelow(HOT_BIDDER_RATIO) > 0
        ? Math.floor(lastPerson(event) / HOT_BATCH) * HOT_BATCH + 1
        : this.#anyPerson(event);
    return {
      auction: FIRST_AUCTION_ID + auction,
      bidder: FIRST_PERSON_ID + bidder,
      price: this.#price(),
      channel: '',
      url: '',
      dateTime: this.#timeMs(event),
      extra: this.#extra(4 * 8, BID_BYTES),
    };
  }

  #timeMs(event: number): number {
    return BASE_TIME_MS + this.#timeline.offsetMs(event);
  }

  #pick(values: readonly string[]): string {
    return values[this.#random.nextBelow(values.length)]!;
  }

  #anyPerson(event: number): number {
    const people = lastPerson(event) + 1;
    const active = Math.min(people, ACTIVE_PEOPLE);
    return people - active + this.#random.nextBelow(active + PERSON_ID_LEAD);
  }

  #anyAuction(event: number): number {
    const last = lastAuction(event);
    const first = Math.max(last - AUCTIONS_IN_FLIGHT, 0);
    return first + this.#random.nextBelow(last - first + 1 + AUCTION_ID_LEAD);
  }

  #price(): number {
    return Math.round(10 ** (this.#random.nextDouble() * 6) * 100);
  }

  #text(maxLength: number): string {
    let text = '';
    for (let left = MIN_TEXT + this.#random.nextBelow(maxLength - MIN_TEXT); left > 0; left--) {
      text +=
        this.#random.nextBelow(13) === 0
          ? ' '
          : String.fromCharCode(0x61 + this.#random.nextBelow(26));
    }
    return text.trim();
  }

  /** Fills a row of `size` bytes up to `meanSize`, give or take a fifth of what is missing. */
  #extra(size: number, meanSize: number): string {
    if (size > meanSize) return '';
    const missing = meanSize - size;
    const delta = Math.round(missing * 0.2);
    const length = missing - delta + (delta === 0 ? 0 : this.#random.nextBelow(2 * delta));
    let text = '';
    let digits = 0;
    for (let at = 0; at < length; at++) {
      if (at % CHARACTERS_PER_INT === 0) digits = this.#random.nextInt();
      // The number may be negative; then so are its remainders, and the characters before 'a'.
      text += String.fromCharCode(0x61 + (digits % 26));
      digits = Math.trunc(digits / 26);
    }
    return text;
  }
}
