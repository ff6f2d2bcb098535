/**
 * What both generators share: which event is of which kind, which ids exist, when it happened.
 *
 * Events are numbered from 0. Of 50 events the first is a person, the next three are auctions, the
 * others bids. Ids of persons and auctions are "base 0" here; {@link FIRST_PERSON_ID} and
 * {@link FIRST_AUCTION_ID} are added when they are written.
 *
 * @module
 */

export const EVENTS_PER_PERIOD = 50;
export const AUCTIONS_PER_PERIOD = 3;
export const BIDS_PER_PERIOD = 46;
/** Position of a period's first bid. */
export const FIRST_BID_POSITION = EVENTS_PER_PERIOD - BIDS_PER_PERIOD;
export const FIRST_PERSON_ID = 1000;
export const FIRST_AUCTION_ID = 1000;
export const FIRST_CATEGORY_ID = 10;
export const CATEGORIES = 5;
/** How far ids may run ahead of the events that create them. */
export const PERSON_ID_LEAD = 10;
export const AUCTION_ID_LEAD = 10;
export const ACTIVE_PEOPLE = 1000;
export const AUCTIONS_IN_FLIGHT = 100;
/** Hot ids are multiples of this. */
export const HOT_BATCH = 100;
export const HOT_AUCTION_RATIO = 2;
export const HOT_SELLER_RATIO = 4;
export const HOT_BIDDER_RATIO = 4;
/** Mean sizes in bytes that the `extra` column fills rows up to. */
export const PERSON_BYTES = 200;
export const AUCTION_BYTES = 500;
export const BID_BYTES = 100;
/** Time of event 0: 2015-07-15T00:00:00Z. */
export const BASE_TIME_MS = 1_436_918_400_000;

/** Where several sources share the events, each takes blocks of this many. */
export const BLOCK_EVENTS = 100 * EVENTS_PER_PERIOD;

/** The three streams. */
export type Kind = 'person' | 'auction' | 'bid';

const PER_PERIOD = { person: 1, auction: AUCTIONS_PER_PERIOD, bid: BIDS_PER_PERIOD } as const;
const FIRST_POSITION = { person: 0, auction: 1, bid: FIRST_BID_POSITION } as const;

/** The kind of an event. */
export function kindOf(event: number): Kind {
  const position = event % EVENTS_PER_PERIOD;
  if (position === 0) return 'person';
  return position < FIRST_BID_POSITION ? 'auction' : 'bid';
}

/** How many events of a kind come before an event: the number of the next of that kind. */
export function countBefore(kind: Kind, event: number): number {
  const periods = Math.floor(event / EVENTS_PER_PERIOD);
  const rest = event - periods * EVENTS_PER_PERIOD;
  if (kind === 'person') return periods + Math.min(rest, 1);
  if (kind === 'auction') {
    return periods * AUCTIONS_PER_PERIOD + Math.min(Math.max(rest - 1, 0), AUCTIONS_PER_PERIOD);
  }
  return periods * BIDS_PER_PERIOD + Math.max(rest - FIRST_BID_POSITION, 0);
}

/** The event in which the `number`-th (from 0) of a kind comes. */
export function eventOf(kind: Kind, number: number): number {
  const perPeriod = PER_PERIOD[kind];
  const period = Math.floor(number / perPeriod);
  return period * EVENTS_PER_PERIOD + FIRST_POSITION[kind] + (number - period * perPeriod);
}

/** The newest person when an event happens. */
export function lastPerson(event: number): number {
  return Math.floor(event / EVENTS_PER_PERIOD);
}

/** The newest auction when an event happens; -1 when there is none yet. */
export function lastAuction(event: number): number {
  const period = Math.floor(event / EVENTS_PER_PERIOD);
  const position = event - period * EVENTS_PER_PERIOD;
  if (position < 1) return (period - 1) * AUCTIONS_PER_PERIOD + AUCTIONS_PER_PERIOD - 1;
  if (position >= FIRST_BID_POSITION) return period * AUCTIONS_PER_PERIOD + AUCTIONS_PER_PERIOD - 1;
  return period * AUCTIONS_PER_PERIOD + position - 1;
}

/** How many events ahead an auction ends on average. */
export const EVENTS_PER_AUCTION_LIFE = Math.floor(
  (AUCTIONS_IN_FLIGHT * EVENTS_PER_PERIOD) / AUCTIONS_PER_PERIOD,
);

/** When events happen: evenly spaced, at whole milliseconds. */
export class Timeline {
  readonly eventsPerMs: number;

  /** @param eventsPerSecond - of event time */
  constructor(eventsPerSecond: number) {
    this.eventsPerMs = eventsPerSecond / 1000;
  }

  /** Milliseconds between event 0 and this one. */
  offsetMs(event: number): number {
    return Math.floor(event / this.eventsPerMs);
  }

  /** The first event that happens `offsetMs` or more after event 0. */
  firstEventAt(offsetMs: number): number {
    let event = Math.max(0, Math.ceil(offsetMs * this.eventsPerMs));
    // The two divisions may round differently.
    while (event > 0 && this.offsetMs(event - 1) >= offsetMs) event--;
    while (this.offsetMs(event) < offsetMs) event++;
    return event;
  }

  /** How long auctions opened by an event are open at most, in milliseconds. */
  longestAuctionMs(event: number): number {
    const horizonMs = this.offsetMs(event + EVENTS_PER_AUCTION_LIFE) - this.offsetMs(event);
    return Math.max(horizonMs * 2, 1);
  }
}
