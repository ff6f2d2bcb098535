/**
 * What the lanes of an event's hash mean. `kernel` computes the same over columns.
 *
 * @module
 */

import {
  ACTIVE_PEOPLE,
  AUCTION_ID_LEAD,
  AUCTIONS_IN_FLIGHT,
  CATEGORIES,
  FIRST_CATEGORY_ID,
  HOT_BATCH,
  PERSON_ID_LEAD,
} from '../model/timeline.ts';
import { below16, Lane } from './random.ts';
import {
  COLD_CHANNELS,
  HOT_CHANNELS,
  PRICE_STEPS_LOG2,
  SLICE_STARTS_LOG2,
  type Tables,
} from './tables.ts';

const PRICE_SHARE_BITS = 32 - PRICE_STEPS_LOG2;
const PRICE_SHARE = 2 ** -PRICE_SHARE_BITS;
const PRICE_SHARE_MASK = 2 ** PRICE_SHARE_BITS - 1;
const SLICE_SHIFT = 32 - SLICE_STARTS_LOG2;

export const MIN_TEXT = 3;
/** Longest name of an auction. */
export const MAX_NAME = 19;
/** Longest description of an auction. */
export const MAX_TEXT = 99;

/** The ids that the events of a period choose from, base 0. */
export interface IdRange {
  readonly hot: number;
  readonly first: number;
  readonly count: number;
}

/** Auctions to bid on when `last` is the newest. */
export function auctionRange(last: number): IdRange {
  const first = Math.max(last - AUCTIONS_IN_FLIGHT, 0);
  return { hot: hotId(last), first, count: last - first + 1 + AUCTION_ID_LEAD };
}

/** People who act when `last` is the newest; the hot one is the seller's, a bidder's is the next. */
export function personRange(last: number): IdRange {
  const active = Math.min(last + 1, ACTIVE_PEOPLE);
  return { hot: hotId(last), first: last + 1 - active, count: active + PERSON_ID_LEAD };
}

function hotId(last: number): number {
  return Math.floor(last / HOT_BATCH) * HOT_BATCH;
}

/** Log-uniform from 100 to 10^8. */
export function drawPrice(lane: number, { prices }: Tables): number {
  const step = lane >>> PRICE_SHARE_BITS;
  const share = (lane & PRICE_SHARE_MASK) * PRICE_SHARE;
  return (prices[2 * step]! + prices[2 * step + 1]! * share + 0.5) | 0;
}

/** Index of a bid's channel and url in the tables: half of the time a hot one. */
export function drawChannel(hash: number): number {
  const lane = Math.imul(hash, Lane.CHANNEL);
  if (lane < 0) return (lane >>> 29) & 3;
  return HOT_CHANNELS.length + (Math.imul((lane >>> 13) & 0x3ffff, COLD_CHANNELS) >>> 18);
}

/** Where a slice of the letters begins, in words of 8 bytes. */
export function drawSlice(lane: number): number {
  return lane >>> SLICE_SHIFT;
}

/** Length of the text that fills a row up: the bytes missing, give or take a fifth. */
export function drawExtraLength(hash: number, missing: number): number {
  const delta = Math.round(missing * 0.2);
  return missing - delta + below16(Math.imul(hash, Lane.EXTRA_LENGTH), 2 * delta);
}

/** An auction's category. */
export function drawCategory(hash: number): number {
  return FIRST_CATEGORY_ID + below16(Math.imul(hash, Lane.CATEGORY), CATEGORIES);
}

/** How long an auction is open, in milliseconds; at most `longestMs`. */
export function drawAuctionMs(hash: number, longestMs: number): number {
  const share = (Math.imul(hash, Lane.EXPIRES) >>> 0) * 2 ** -32;
  return 1 + Math.floor(share * longestMs);
}

/** Length of an auction's name. */
export function drawNameLength(hash: number): number {
  return MIN_TEXT + below16(Math.imul(hash, Lane.NAME_LENGTH), MAX_NAME + 1 - MIN_TEXT);
}

/** Length of an auction's description. */
export function drawTextLength(hash: number): number {
  return MIN_TEXT + below16(Math.imul(hash, Lane.TEXT_LENGTH), MAX_TEXT + 1 - MIN_TEXT);
}
