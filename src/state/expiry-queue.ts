/**
 * Items by the time at which they expire: a radix heap whose buckets are lists chained through
 * arrays.
 *
 * The times that are taken only rise, which is what makes it cheap. An item lies in the bucket of
 * the highest bit in which its time differs from the *floor*, the largest time that may have been
 * taken. So the lowest bucket in use holds the least time; when its turn comes, the floor rises to
 * that time and its items move to lower buckets. An item moves at most once per bit, and in streams
 * that are nearly in order only a few times.
 *
 * @module
 */

import type { StateIo, Steps } from '../core/state-io.ts';
import { MAX_TIME_US } from '../core/time.ts';
import type { TimeUs } from '../core/units.ts';

const NONE = -1;
/** Bucket 0 for the floor itself, 1–32 for a difference in the low word, 33–64 in the high one. */
const BUCKETS = 65;
const LOWEST_FLOOR_US = -MAX_TIME_US - 1;

/** A queue of small numbers, each in it at most once. */
export class ExpiryQueue {
  /** Bytes that {@link grow} takes for one item. */
  static readonly ITEM_BYTES = 12;

  /** By item: the next item of its bucket. */
  #links = new Int32Array(0);
  /** By item: when it expires. */
  #times = new Float64Array(0);
  readonly #heads = new Int32Array(BUCKETS).fill(NONE);
  /** By bucket: the least time in it, while it is in use. */
  readonly #least = new Float64Array(BUCKETS).fill(Infinity);
  /** No bucket from 1 to here is in use. */
  #below = BUCKETS - 1;
  #floorUs = LOWEST_FLOOR_US;

  /** Makes room for items below `capacity`. */
  grow(capacity: number): void {
    const links = new Int32Array(capacity);
    links.set(this.#links);
    this.#links = links;
    const times = new Float64Array(capacity);
    times.set(this.#times);
    this.#times = times;
  }

  /** Adds an item, which {@link take} gives back once its bound has risen above `timeUs`. */
  push(item: number, timeUs: TimeUs): void {
    if (timeUs < this.#floorUs) this.#lowerFloor();
    this.#times[item] = timeUs;
    this.#place(item, timeUs);
  }

  /** Takes an item whose time is below `boundUs`, one with the least time; -1 when there is none. */
  take(boundUs: TimeUs): number {
    if (this.#heads[0] === NONE && !this.#refill(boundUs)) return NONE;
    if (this.#floorUs >= boundUs) return NONE;
    const item = this.#heads[0]!;
    this.#heads[0] = this.#links[item]!;
    return item;
  }

  /** The least time of an item; `Infinity`: there is none. */
  get leastUs(): TimeUs {
    if (this.#heads[0] !== NONE) return this.#floorUs;
    let bucket = this.#below + 1;
    while (bucket < BUCKETS && this.#heads[bucket] === NONE) bucket++;
    return bucket === BUCKETS ? Infinity : this.#least[bucket]!;
  }

  /** Raises the floor to the least time, if that is below `boundUs`; bucket 0 is empty. */
  #refill(boundUs: TimeUs): boolean {
    let bucket = this.#below + 1;
    while (bucket < BUCKETS && this.#heads[bucket] === NONE) bucket++;
    this.#below = bucket - 1;
    if (bucket === BUCKETS || this.#least[bucket]! >= boundUs) return false;
    this.#floorUs = this.#least[bucket]!;
    this.#replace(bucket);
    return true;
  }

  /** Puts the items of a bucket where they belong by the floor of now. */
  #replace(bucket: number): void {
    let item = this.#heads[bucket]!;
    this.#heads[bucket] = NONE;
    this.#least[bucket] = Infinity;
    while (item !== NONE) {
      const next = this.#links[item]!;
      this.#place(item, this.#times[item]!);
      item = next;
    }
  }

  /** @hot Two's complement orders words of one sign as it does unsigned ones; the sign comes first. */
  #place(item: number, timeUs: TimeUs): void {
    const high = Math.floor(timeUs / 4294967296) ^ Math.floor(this.#floorUs / 4294967296);
    const bucket = high === 0 ? 32 - Math.clz32(timeUs ^ this.#floorUs) : 64 - Math.clz32(high);
    this.#links[item] = this.#heads[bucket]!;
    this.#heads[bucket] = item;
    if (timeUs < this.#least[bucket]!) this.#least[bucket] = timeUs;
    if (bucket !== 0 && bucket <= this.#below) this.#below = bucket - 1;
  }

  *state(io: StateIo): Steps {
    this.#links = yield* io.ints(this.#links);
    this.#times = yield* io.floats(this.#times);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.#heads[bucket] = io.int(this.#heads[bucket]!);
      this.#least[bucket] = io.float(this.#least[bucket]!);
    }
    this.#below = io.int(this.#below);
    this.#floorUs = io.float(this.#floorUs);
  }

  /** For a bound that has fallen, as an input's does when it was idle and speaks again. */
  #lowerFloor(): void {
    this.#floorUs = LOWEST_FLOOR_US;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.#heads[bucket] !== NONE) this.#replace(bucket);
    }
  }
}
