/**
 * Groups of which no row has come for a while, by event time.
 *
 * A group expires when a time of its rows, or the watermark, has come to that of its last row and the time to
 * live. Its own next row asks whether it has, so that results do not depend on when watermarks come.
 *
 * @module
 */

import type { StateIo, Steps } from '../../core/state-io.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { Arena } from '../../state/index.ts';
import { ExpiryQueue } from '../../state/index.ts';

/** What {@link GroupExpiry.take} says when nothing is left to be looked at, and when a group lives on. */
export const NO_GROUP_EXPIRES = 0;
export const GROUP_LIVES = -1;

/** Where a group has what is noted of it. */
export interface ExpiryWords {
  /** Words for each unit by which groups are counted: 1 where a group is its first word. */
  readonly unit: number;
  /** Behind the group: a word that is zero in a new one, and a float that is -Infinity. */
  readonly number: number;
  readonly mark: number;
}

/** Notes when rows of groups came. */
export class GroupExpiry {
  readonly #ttlUs: DurationUs;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #at: ExpiryWords;
  readonly #queue = new ExpiryQueue();
  /** By number: the group, and whether it is in the queue. */
  #groups = new Int32Array(0);
  #isWaiting = new Uint8Array(0);
  #count = 0;
  /** One more than the first number that is free again, in whose place is that of the next; 0: none. */
  #free = 0;

  /** @param ttlUs - Infinity: no group expires */
  constructor(ttlUs: DurationUs, { words, floats }: Arena, at: ExpiryWords) {
    this.#ttlUs = ttlUs;
    this.#words = words;
    this.#floats = floats;
    this.#at = at;
  }

  /** Whether groups expire. */
  get isOn(): boolean {
    return this.#ttlUs < Infinity;
  }

  /** When a group expires, by its last row. */
  expiryUs(group: number): TimeUs {
    return this.#floats[(group * this.#at.unit + this.#at.mark) >>> 1]! + this.#ttlUs;
  }

  /** A row has come for a group that had not expired by then, or began anew. */
  touch(group: number, markUs: TimeUs): void {
    const mark = (group * this.#at.unit + this.#at.mark) >>> 1;
    if (markUs > this.#floats[mark]!) this.#floats[mark] = markUs;
    const number = this.#numberOf(group);
    if (this.#isWaiting[number] === 1) return;
    this.#isWaiting[number] = 1;
    this.#queue.push(number, this.expiryUs(group));
  }

  #numberOf(group: number): number {
    const at = group * this.#at.unit + this.#at.number;
    const known = this.#words[at]!;
    if (known !== 0) return known - 1;
    const number = this.#takeNumber();
    this.#groups[number] = group;
    this.#words[at] = number + 1;
    return number;
  }

  #takeNumber(): number {
    const free = this.#free;
    if (free !== 0) {
      this.#free = this.#groups[free - 1]!;
      return free - 1;
    }
    if (this.#count === this.#groups.length) this.#grow();
    return this.#count++;
  }

  #grow(): void {
    const size = Math.max(64, 2 * this.#groups.length);
    const [groups, waiting] = [this.#groups, this.#isWaiting];
    this.#groups = new Int32Array(size);
    this.#groups.set(groups);
    this.#isWaiting = new Uint8Array(size);
    this.#isWaiting.set(waiting);
    this.#queue.grow(size);
  }

  /** No group expires before; `Infinity`: none is there. */
  get leastUs(): TimeUs {
    return this.#queue.leastUs;
  }

  /**
   * Looks at one group that may have expired.
   *
   * @returns the group, which is waited for no more; {@link GROUP_LIVES} when it has not, ask again;
   * {@link NO_GROUP_EXPIRES} when there is none
   */
  take(watermarkUs: TimeUs): number {
    const number = this.#queue.take(watermarkUs + 1);
    if (number < 0) return NO_GROUP_EXPIRES;
    const group = this.#groups[number]!;
    const expiryUs = this.expiryUs(group);
    if (expiryUs > watermarkUs) {
      // Rows came meanwhile.
      this.#queue.push(number, expiryUs);
      return GROUP_LIVES;
    }
    this.#isWaiting[number] = 0;
    return group;
  }

  /** A group that was taken is no more. */
  forget(group: number): void {
    const at = group * this.#at.unit + this.#at.number;
    const number = this.#words[at]!;
    this.#words[at] = 0;
    this.#groups[number - 1] = this.#free;
    this.#free = number;
  }

  *state(io: StateIo): Steps {
    yield* this.#queue.state(io);
    this.#groups = yield* io.ints(this.#groups);
    this.#isWaiting = yield* io.bytes(this.#isWaiting);
    this.#count = io.int(this.#count);
    this.#free = io.int(this.#free);
  }
}
