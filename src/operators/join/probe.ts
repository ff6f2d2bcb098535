/** Looking for the matches of a batch among the rows kept of the other side. @module */

import type { DurationUs } from '../../core/units.ts';
import type { ArrivingRows } from './arriving-rows.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import { keysEqual } from './key-equality.ts';
import { NONE } from './row-chains.ts';
import type { SideStore } from './side-store.ts';

/** A cursor over the pairs of one batch: goes from row to row, and along each row's chain. */
export class Probe {
  readonly #config: JoinConfig;
  /** By side: its only key is an int32, so that equal hashes mean equal keys. */
  readonly #hashIsKey: boolean;
  #arriving: ArrivingRows | undefined;
  #store: SideStore | undefined;
  /** How far a match may lie before and after a row of the batch. */
  #backUs: DurationUs = 0;
  #aheadUs: DurationUs = 0;
  #keptKeys: readonly number[] = [];
  /** Which of the batch's rows is next. */
  #position = 0;
  /** Where its chain goes on; see `#isBegun`. */
  #candidate = NONE;
  /** The chain of the next row has been entered. */
  #isBegun = false;

  constructor(config: JoinConfig) {
    this.#config = config;
    const [key, ...others] = config.sides[LEFT].keys;
    this.#hashIsKey = others.length === 0 && key?.type.kind === 'int32';
  }

  /** Begins with the rows of a batch of `side`; `store` is what is kept of the other one. */
  begin(side: Side, arriving: ArrivingRows, store: SideStore): void {
    const { beforeUs, afterUs, sides } = this.#config;
    this.#arriving = arriving;
    this.#store = store;
    this.#backUs = side === LEFT ? beforeUs : afterUs;
    this.#aheadUs = side === LEFT ? afterUs : beforeUs;
    this.#keptKeys = sides[side === LEFT ? RIGHT : LEFT].keptKeys;
    this.#position = 0;
    this.#isBegun = false;
  }

  /**
   * The next pairs.
   *
   * @param rows - takes rows of the batch
   * @param matches - takes the rows that they match
   * @param most - at most so many pairs
   * @returns how many there are; 0 at the end
   */
  next(rows: Int32Array, matches: Int32Array, most: number): number {
    const arriving = this.#arriving!;
    const store = this.#store!;
    const { live, liveCount } = arriving;
    let count = 0;
    while (this.#position < liveCount) {
      const row = live[this.#position]!;
      if (!this.#isBegun) this.#candidate = store.chains.first(arriving.hashes[row]!);
      this.#isBegun = true;
      count = this.#follow(row, arriving, store, rows, matches, count, most);
      if (this.#candidate !== NONE) return count; // full, and the chain goes on
      this.#isBegun = false;
      this.#position++;
    }
    return count;
  }

  /** Goes along the chain from `#candidate`, until it ends or `most` pairs are there. @hot */
  #follow(
    row: number,
    arriving: ArrivingRows,
    store: SideStore,
    rows: Int32Array,
    matches: Int32Array,
    from: number,
    most: number,
  ): number {
    const { links, times } = store.chains;
    const hash = arriving.hashes[row]!;
    const earliestUs = arriving.marks[row]! - this.#backUs;
    const latestUs = arriving.times[row]! + this.#aheadUs;
    let candidate = this.#candidate;
    let count = from;
    while (candidate !== NONE && count < most) {
      const isNear =
        links[2 * candidate] === hash &&
        times[2 * candidate]! >= earliestUs &&
        times[2 * candidate + 1]! <= latestUs;
      if (isNear && (this.#hashIsKey || this.#isEqual(row, arriving, candidate, store))) {
        rows[count] = row;
        matches[count] = candidate;
        count++;
      }
      candidate = links[2 * candidate + 1]!;
    }
    this.#candidate = candidate;
    return count;
  }

  #isEqual(row: number, arriving: ArrivingRows, candidate: number, store: SideStore): boolean {
    const columns = store.segments[candidate >>> store.shift]!.columns;
    const at = candidate & ((1 << store.shift) - 1);
    const keptKeys = this.#keptKeys;
    for (let k = 0; k < keptKeys.length; k++) {
      if (!keysEqual(arriving.keys[k]!, row, columns[keptKeys[k]!]!, at)) return false;
    }
    return true;
  }
}
