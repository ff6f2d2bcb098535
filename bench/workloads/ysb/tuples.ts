/**
 * The tuples of the benchmark, made once and replayed: 128 bytes each, of 1,000 advertisements.
 *
 * | bytes | columns | type |
 * | --: | --- | --- |
 * | 48 | user, page and ad ids of 128 bits | two int64 each |
 * | 48 | ad type, event type, address | strings of at most 12 bytes, which lie in their views |
 * | 8 | event time | timestamp |
 * | 24 | padding | int64 |
 *
 * Ids are pairs of int64 and not `bytes`: a value of 16 bytes would lie outside of its view and take
 * 32. Types are strings and not codes, as in the original's JSON.
 *
 * @module
 */

import { readFileSync } from 'node:fs';

export const AD_TYPES = ['banner', 'modal', 'sponsored', 'mail', 'mobile'];
export const EVENT_TYPES = ['view', 'click', 'purchase'];
/** Of {@link EVENT_TYPES}. */
export const VIEW = 0;
export const CAMPAIGNS = 100;
export const WINDOW_US = 10_000_000;
export const TUPLE_BYTES = 128;
/** How many different tuples there are: 8 MiB, more than a core's caches hold. A power of two. */
export const TEMPLATES = 65_536;

/** The advertisements of `ads.csv`: id and campaign. */
export interface Ads {
  readonly high: BigInt64Array;
  readonly low: BigInt64Array;
  readonly campaign: Int32Array;
}

/** Templates of tuples, by column; event times are given when they are replayed. */
export interface Tuples {
  /** By name of the column: its values as bytes. */
  readonly columns: ReadonlyMap<string, Uint8Array>;
  /** Which advertisement a tuple shows, and which event it is: where others begin, not what is given. */
  readonly ad: Int32Array;
  readonly eventType: Int32Array;
}

/** Reads the advertisements. */
export function readAds(): Ads {
  const text = readFileSync(new URL('./ads.csv', import.meta.url), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  const ads = {
    high: new BigInt64Array(rows.length),
    low: new BigInt64Array(rows.length),
    campaign: new Int32Array(rows.length),
  };
  rows.forEach((row, i) => {
    const [high, low, campaign] = row.split(',') as [string, string, string];
    ads.high[i] = BigInt(high);
    ads.low[i] = BigInt(low);
    ads.campaign[i] = Number(campaign);
  });
  return ads;
}

/** The same ones for every call. */
export function makeTuples(ads: Ads): Tuples {
  const random = xorshift(0x9e37_79b9);
  const ad = Int32Array.from({ length: TEMPLATES }, () => random() % ads.high.length);
  const eventType = Int32Array.from({ length: TEMPLATES }, () => random() % EVENT_TYPES.length);
  const ids = (): Uint8Array => bytesOf(Uint32Array.from({ length: 2 * TEMPLATES }, random));
  const of = (ofAd: BigInt64Array): Uint8Array => bytesOf(BigInt64Array.from(ad, (a) => ofAd[a]!));
  const columns = new Map<string, Uint8Array>([
    ['user_high', ids()],
    ['user_low', ids()],
    ['page_high', ids()],
    ['page_low', ids()],
    ['ad_high', of(ads.high)],
    ['ad_low', of(ads.low)],
    ['ad_type', views(() => AD_TYPES[random() % AD_TYPES.length]!)],
    ['event_type', views((i) => EVENT_TYPES[eventType[i]!]!)],
    ['ip_address', views(() => `10.${random() % 256}.${random() % 256}.${random() % 10}`)],
    ['padding_0', ids()],
    ['padding_1', ids()],
    ['padding_2', ids()],
  ]);
  return { columns, ad, eventType };
}

/** Strings of at most 12 bytes, each in its view: the length, the bytes, zeros. */
function views(textOf: (i: number) => string): Uint8Array {
  const words = new Int32Array(4 * TEMPLATES);
  const bytes = bytesOf(words);
  for (let i = 0; i < TEMPLATES; i++) {
    const text = textOf(i);
    words[4 * i] = text.length;
    for (let k = 0; k < text.length; k++) bytes[16 * i + 4 + k] = text.charCodeAt(k);
  }
  return bytes;
}

function bytesOf(array: Int32Array | Uint32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Whole numbers of 32 bits. */
function xorshift(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}
