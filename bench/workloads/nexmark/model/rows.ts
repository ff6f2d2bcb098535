/** Rows of the three streams, as programs have them. @module */

/** Somebody who sells or bids. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  /** Milliseconds since 1970. */
  readonly dateTime: number;
  readonly extra: string;
}

/** Something on sale. */
export interface Auction {
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  /** Milliseconds since 1970. */
  readonly dateTime: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

/** An offer for an auction. */
export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly dateTime: number;
  readonly extra: string;
}

/** Makes the row of an event; the event must be of the function's kind. */
export interface RowMaker {
  person(event: number): Person;
  auction(event: number): Auction;
  bid(event: number): Bid;
}
