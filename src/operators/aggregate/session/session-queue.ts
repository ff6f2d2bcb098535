/**
 * Open sessions by the time at which they may end: a radix heap, as `ExpiryQueue` is one, of six bits
 * a step, so that a session moves a few times only, and whose work can be cut into short calls.
 *
 * ```
 *   level ▸ the highest six bits in which a time differs from the floor, the least time there may be
 *   bucket ▸ what those bits are; the lowest in use has the least times
 * ```
 *
 * Buckets that lie below the bound as a whole are handed out as they are; one that does not is spread
 * over lower ones, after the floor was raised to its least time.
 *
 * The end of a session moves on with each of its rows, and the queue is not told: it asks when it
 * comes to the session.
 *
 * @module
 */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import { bytesOf } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';

/** No session. Numbers of sessions begin at 1. */
export const NONE = 0;
/** There is more to do before one can be taken. */
export const BUSY = -1;

const BITS = 6;
/** Times are split in 24 and 30 bits, four and five levels. */
const LOW = 2 ** 30;
const LOW_LEVELS = 5;
const LEVELS = 9;
/** What makes the upper part of any time positive. */
const HIGH_OFFSET = 2 ** 23;
const LOWEST_HIGH = 0;
/** Sessions that one call moves: some 100 µs. */
const MOVES_PER_CALL = 1024;

/** A queue of numbers of sessions, each in it at most once. */
export class SessionQueue {
  /** By session: the next one of its bucket. */
  readonly #links: Int32Array;
  /** By session: a time at which it may end, not beyond that at which it does. */
  readonly #times: Float64Array;
  readonly #endUs: (session: number) => TimeUs;
  readonly #heads = new Int32Array(LEVELS << BITS).fill(NONE);
  /** By bucket in use: the least and the greatest time in it. */
  readonly #least = new Float64Array(LEVELS << BITS);
  readonly #most = new Float64Array(LEVELS << BITS);
  /** Two words a level: which of its buckets are in use. */
  readonly #used = new Int32Array(2 * LEVELS);
  /** The floor in two parts. */
  #high = LOWEST_HIGH;
  #low = 0;
  /** Sessions of a bucket that is being spread over lower ones, and the least time of that. */
  #moving: number = NONE;
  #movingUs: TimeUs = Infinity;

  /**
   * @param links - room for a number for each session
   * @param times - the same
   * @param endUs - when a session ends, as far as is known
   */
  constructor(links: Int32Array, times: Float64Array, endUs: (session: number) => TimeUs) {
    this.#links = links;
    this.#times = times;
    this.#endUs = endUs;
  }

  /** Adds a session, which {@link take} gives back once its bound has risen above `timeUs`. */
  push(session: number, timeUs: TimeUs): void {
    const high = Math.floor(timeUs / LOW);
    const isBelow =
      high + HIGH_OFFSET < this.#high ||
      (high + HIGH_OFFSET === this.#high && timeUs - high * LOW < this.#low);
    if (isBelow) this.#lowerFloor();
    this.#place(session, timeUs);
  }

  /** No session in the queue ends before; `Infinity`: there is none. */
  get leastUs(): TimeUs {
    const bucket = this.#lowest();
    const leastUs = bucket < 0 ? Infinity : this.#least[bucket]!;
    return this.#moving === NONE ? leastUs : Math.min(leastUs, this.#movingUs);
  }

  /**
   * Takes a session whose time is below `boundUs`. It may have moved on.
   *
   * @returns {@link NONE} when there is none, {@link BUSY} when another call is needed
   */
  take(boundUs: TimeUs): number {
    let moves = MOVES_PER_CALL;
    for (;;) {
      while (this.#moving !== NONE) {
        if (moves-- === 0) return BUSY;
        const session = this.#moving;
        this.#moving = this.#links[session]!;
        this.#place(session, Math.max(this.#times[session]!, this.#endUs(session)));
      }
      const bucket = this.#lowest();
      if (bucket < 0 || this.#least[bucket]! >= boundUs) return NONE;
      const session = this.#heads[bucket]!;
      if (this.#most[bucket]! < boundUs) {
        const next = this.#links[session]!;
        this.#heads[bucket] = next;
        if (next === NONE) this.#mark(bucket, false);
        return session;
      }
      this.#setFloor(this.#least[bucket]!);
      this.#movingUs = this.#least[bucket]!;
      this.#moving = session;
      this.#heads[bucket] = NONE;
      this.#mark(bucket, false);
    }
  }

  /** @param sessions - of numbers below this */
  *state(io: StateIo, sessions: number): Steps {
    for (const words of [this.#heads, this.#used, this.#links.subarray(0, sessions)]) {
      yield* io.memory(bytesOf(words));
    }
    for (const floats of [this.#least, this.#most, this.#times.subarray(0, sessions)]) {
      yield* io.memory(bytesOf(floats));
    }
    this.#high = io.int(this.#high);
    this.#low = io.int(this.#low);
    this.#moving = io.int(this.#moving);
    this.#movingUs = io.float(this.#movingUs);
  }

  #setFloor(timeUs: TimeUs): void {
    const high = Math.floor(timeUs / LOW);
    this.#high = high + HIGH_OFFSET;
    this.#low = timeUs - high * LOW;
  }

  /** The lowest bucket in use; -1: there is none. */
  #lowest(): number {
    const used = this.#used;
    for (let w = 0; w < 2 * LEVELS; w++) {
      const word = used[w]!;
      if (word !== 0) return 32 * w + 31 - Math.clz32(word & -word);
    }
    return -1;
  }

  #mark(bucket: number, isUsed: boolean): void {
    const bit = 1 << (bucket & 31);
    const word = bucket >> 5;
    this.#used[word] = isUsed ? this.#used[word]! | bit : this.#used[word]! & ~bit;
  }

  /** @hot */
  #place(session: number, timeUs: TimeUs): void {
    const high = Math.floor(timeUs / LOW);
    const upper = high + HIGH_OFFSET;
    const lower = timeUs - high * LOW;
    const isNear = upper === this.#high;
    const part = isNear ? lower : upper;
    const bits = 31 - Math.clz32(part ^ (isNear ? this.#low : this.#high));
    const level = bits < 0 ? 0 : (bits / BITS) | 0;
    const digit = (part >>> (BITS * level)) & ((1 << BITS) - 1);
    const bucket = ((isNear ? level : level + LOW_LEVELS) << BITS) | digit;
    const head = this.#heads[bucket]!;
    this.#times[session] = timeUs;
    this.#links[session] = head;
    this.#heads[bucket] = session;
    if (head === NONE) {
      this.#mark(bucket, true);
      this.#least[bucket] = timeUs;
      this.#most[bucket] = timeUs;
      return;
    }
    if (timeUs < this.#least[bucket]!) this.#least[bucket] = timeUs;
    if (timeUs > this.#most[bucket]!) this.#most[bucket] = timeUs;
  }

  /** For a bound that has fallen, as an input's does when it was idle and speaks again. */
  #lowerFloor(): void {
    this.#high = LOWEST_HIGH;
    this.#low = 0;
    for (let bucket = 0; bucket < LEVELS << BITS; bucket++) {
      let session = this.#heads[bucket]!;
      this.#heads[bucket] = NONE;
      this.#mark(bucket, false);
      while (session !== NONE) {
        const next = this.#links[session]!;
        this.#place(session, this.#times[session]!);
        session = next;
      }
    }
  }
}
