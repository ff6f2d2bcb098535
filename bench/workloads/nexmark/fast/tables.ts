/**
 * Texts that events choose from: 10,000 channels with their urls and four hot ones, a mebibyte of
 * letters that longer texts are slices of, names; and prices. Made once for a seed and a memory.
 *
 * @module
 */

import { CITIES, FIRST_NAMES, LAST_NAMES, STATES } from '../model/names.ts';
import { eventHash, Lane, seedHash } from './random.ts';

export const COLD_CHANNELS = 10_000;
/** The channels that half of the bids come from; their number is the index in the tables. */
export const HOT_CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'] as const;
/** Slices of the letters begin at one of 2^17 words of 8 bytes. */
export const SLICE_STARTS_LOG2 = 17;
/** Behind the last start. */
const LONGEST_SLICE = 1024;
export const PRICE_STEPS_LOG2 = 10;
const PRICE_STEPS = 2 ** PRICE_STEPS_LOG2;
const EMAILS = 4096;
const CHANNEL_ID_SHARE = 0.9;

/** What the generator copies from, as strings and numbers. */
export interface Tables {
  readonly channels: readonly string[];
  /** By channel. */
  readonly urls: readonly string[];
  readonly names: readonly string[];
  readonly emails: readonly string[];
  readonly cities: readonly string[];
  readonly states: readonly string[];
  /** Lower-case letters: 2^17 starts 8 apart, and {@link LONGEST_SLICE} behind the last. */
  readonly letters: Uint8Array;
  /** Price at each step of the logarithm, and how much it rises to the next, in turn. */
  readonly prices: Float64Array;
}

/** Numbers for making tables; not those of events. */
class TableRandom {
  readonly #seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.#seed = seedHash(~seed);
  }

  bits(): number {
    return Math.imul(eventHash(this.#drawn++, this.#seed), Lane.AUCTION);
  }

  unit(): number {
    return (this.bits() >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** A text of 3 to `maxLength − 1` characters; one of 13 is '_'. */
  text(maxLength: number): string {
    const length = 3 + this.below(maxLength - 3);
    return Array.from({ length }, () =>
      this.below(13) === 0 ? '_' : String.fromCharCode(0x61 + this.below(26)),
    ).join('');
  }
}

const made = new Map<number, Tables>();

/** The tables of a seed. */
export function tablesOf(seed: number): Tables {
  let tables = made.get(seed);
  if (tables === undefined) {
    tables = makeTables(seed);
    made.set(seed, tables);
  }
  return tables;
}

function makeTables(seed: number): Tables {
  const random = new TableRandom(seed);
  const channels: string[] = [...HOT_CHANNELS];
  const urls: string[] = HOT_CHANNELS.map(() => baseUrl(random));
  for (let i = 0; i < COLD_CHANNELS; i++) {
    channels.push(`channel-${i}`);
    const url = baseUrl(random);
    const hasId = random.unit() < CHANNEL_ID_SHARE;
    urls.push(hasId ? `${url}&channel_id=${Math.abs(reverseBits(i))}` : url);
  }
  return {
    channels,
    urls,
    names: FIRST_NAMES.flatMap((first) => LAST_NAMES.map((last) => `${first} ${last}`)),
    emails: Array.from({ length: EMAILS }, () => `${random.text(7)}@${random.text(5)}.com`),
    cities: CITIES,
    states: STATES,
    letters: makeLetters(random),
    prices: makePrices(),
  };
}

function makeLetters(random: TableRandom): Uint8Array {
  const letters = new Uint8Array(2 ** SLICE_STARTS_LOG2 * 8 + LONGEST_SLICE);
  for (let i = 0; i < letters.length; i += 2) {
    const bits = random.bits();
    letters[i] = 0x61 + (((bits >>> 16) * 26) >>> 16);
    letters[i + 1] = 0x61 + ((((bits >>> 4) & 0xfff) * 26) >>> 12);
  }
  return letters;
}

function makePrices(): Float64Array {
  const price = (step: number): number => 100 * 10 ** ((6 * step) / PRICE_STEPS);
  const prices = new Float64Array(2 * PRICE_STEPS);
  for (let step = 0; step < PRICE_STEPS; step++) {
    prices[2 * step] = price(step);
    prices[2 * step + 1] = price(step + 1) - price(step);
  }
  return prices;
}

function baseUrl(random: TableRandom): string {
  const folders = `${random.text(5)}/${random.text(5)}/${random.text(5)}`;
  return `https://www.nexmark.com/${folders}/item.htm?query=1`;
}

/** The 32 bits of a number in the opposite order, signed. */
function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed |= ((value >>> bit) & 1) << (31 - bit);
  return reversed;
}
