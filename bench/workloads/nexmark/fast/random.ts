/**
 * The numbers an event is made of: a hash of the seed and the event's number, from which each value
 * takes a lane of its own by one multiplication. So any event can be made without those before it.
 *
 * @module
 */

/** 2^32 divided by the golden ratio, odd. */
const EVENT_STEP = 0x9e3779b1;

/** Multipliers of the lanes: odd, with bits all over. Only upper bits of a lane are used. */
export const Lane = {
  /** Which auction a bid is for. */
  AUCTION: 0x85ebca6b,
  /** Who bids or sells. */
  PERSON: 0xc2b2ae35,
  PRICE: 0x165667b1,
  CHANNEL: 0xd3a2646d,
  EXTRA_START: 0xfd7046c5,
  EXTRA_LENGTH: 0xb55a4f09,
  CATEGORY: 0x27d4eb2f,
  RESERVE: 0x7feb352d,
  EXPIRES: 0x846ca68b,
  NAME: 0xa0761d65,
  NAME_LENGTH: 0x589965cd,
  TEXT: 0xe7037ed1,
  TEXT_LENGTH: 0x8ebc6af1,
  EMAIL: 0x2545f491,
  CARD: 0x1d8e4e27,
  CARD_TAIL: 0x71d67fff,
  PLACE: 0xeb44acc9,
} as const;

/** Turns a seed into what {@link eventHash} takes. */
export function seedHash(seed: number): number {
  return mix(Math.imul(seed, EVENT_STEP) + 0x3c6ef372);
}

/** 32 bits for an event; `event` modulo 2^32 counts. Different for different events. */
export function eventHash(event: number, seed: number): number {
  return mix(Math.imul(event, EVENT_STEP) + seed);
}

/** Two rounds of multiplication and shifts; a permutation of 32 bits. */
function mix(bits: number): number {
  let x = bits ^ (bits >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}

/** From 0 to `bound` − 1 by the upper 16 bits of a lane; `bound` at most 65536. */
export function below16(lane: number, bound: number): number {
  return Math.imul(lane >>> 16, bound) >>> 16;
}
