/** Looking for the matches of a batch among the rows kept of the other side. @module */

import type { WindowScheme } from '../window-scheme.ts';
import type { ArrivingRows } from './arriving-rows.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import { keysEqual } from './key-equality.ts';
import type { Reach } from './reach.ts';
import { NONE } from './row-chains.ts';
import type { SideStore } from './side-store.ts';
import { windowBit } from './unmatched-rows.ts';

/** Where pairs go. */
export interface Pairs {
  /** By side, by pair: the row. */
  readonly rows: readonly [Int32Array, Int32Array];
  /** By pair, in a join over windows: the window. */
  readonly windows: Float64Array;
  /** By pair: what to note of the left row; 1 in a join without windows. */
  readonly bits: Int32Array;
}

/** A cursor over the pairs of one batch: goes from row to row, and along each row's chain. */
export class Probe {
  readonly #config: JoinConfig;
  readonly #reach: Reach;
  readonly #windows: WindowScheme | undefined;
  /** By side: its only key is an int32, so that equal hashes mean equal keys. */
  readonly #hashIsKey: boolean;
  #arriving: ArrivingRows | undefined;
  #store: SideStore | undefined;
  #side: Side = LEFT;
  #keptKeys: readonly number[] = [];
  /** Which of the batch's rows is next. */
  #position = 0;
  /** Where its chain goes on; see `#isBegun`. */
  #candidate = NONE;
  /** The chain of the next row has been entered. */
  #isBegun = false;
  /** Where the windows of the candidate go on; `-Infinity`: at its first. */
  #window = -Infinity;

  constructor(config: JoinConfig, reach: Reach, windows: WindowScheme | undefined) {
    this.#config = config;
    this.#reach = reach;
    this.#windows = windows;
    const [key, ...others] = config.sides[LEFT].keys;
    this.#hashIsKey = others.length === 0 && key?.type.kind === 'int32';
  }

  /** Begins with the rows of a batch of `side`; `store` is what is kept of the other one. */
  begin(side: Side, arriving: ArrivingRows, store: SideStore): void {
    const { sides } = this.#config;
    this.#side = side;
    this.#arriving = arriving;
    this.#store = store;
    this.#keptKeys = sides[side === LEFT ? RIGHT : LEFT].keptKeys;
    this.#position = 0;
    this.#isBegun = false;
  }

  /**
   * The next pairs.
   *
   * @param pairs - takes them, from position 0 on
   * @param most - at most so many
   * @returns how many there are; 0 at the end
   */
  next(pairs: Pairs, most: number): number {
    const arriving = this.#arriving!;
    const store = this.#store!;
    const { live, liveCount } = arriving;
    let count = 0;
    while (this.#position < liveCount) {
      const row = live[this.#position]!;
      if (!this.#isBegun) this.#candidate = store.chains.first(arriving.hashes[row]!);
      this.#isBegun = true;
      count = this.#follow(row, arriving, store, pairs, count, most);
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
    pairs: Pairs,
    from: number,
    most: number,
  ): number {
    const { links, times } = store.chains;
    const hash = arriving.hashes[row]!;
    const earliestUs = this.#reach.earliestUs(this.#side, arriving.marks[row]!);
    const latestUs = this.#reach.latestUs(this.#side, arriving.times[row]!);
    const rows = pairs.rows[this.#side];
    const matches = pairs.rows[this.#side === LEFT ? RIGHT : LEFT];
    const hasWindows = this.#windows !== undefined;
    let candidate = this.#candidate;
    let count = from;
    while (candidate !== NONE && count < most) {
      const isNear =
        links[2 * candidate] === hash &&
        times[2 * candidate]! >= earliestUs &&
        times[2 * candidate + 1]! <= latestUs;
      if (isNear && (this.#hashIsKey || this.#isEqual(row, arriving, candidate, store))) {
        if (hasWindows) {
          count = this.#shareWindows(row, arriving, candidate, store, pairs, count, most);
          if (this.#window !== -Infinity) break; // full, and there are more windows
        } else {
          rows[count] = row;
          matches[count] = candidate;
          count++;
        }
      }
      candidate = links[2 * candidate + 1]!;
    }
    this.#candidate = candidate;
    return count;
  }

  /** Pairs two rows in each window that both lie in. @hot */
  #shareWindows(
    row: number,
    arriving: ArrivingRows,
    candidate: number,
    store: SideStore,
    pairs: Pairs,
    from: number,
    most: number,
  ): number {
    const windows = this.#windows!;
    const mark = Math.max(arriving.marks[row]!, store.chains.markUs(candidate));
    const lastOfRow = windows.lastWindowAt(arriving.times[row]!);
    const lastOfMatch = windows.lastWindowAt(store.chains.timeUs(candidate));
    const lastOfLeft = this.#side === LEFT ? lastOfRow : lastOfMatch;
    const last = Math.min(lastOfRow, lastOfMatch);
    const rows = pairs.rows[this.#side];
    const matches = pairs.rows[this.#side === LEFT ? RIGHT : LEFT];
    let window = Math.max(windows.firstOpenWindow(mark), this.#window);
    let count = from;
    for (; window <= last && count < most; window++) {
      rows[count] = row;
      matches[count] = candidate;
      pairs.windows[count] = window;
      pairs.bits[count] = windowBit(lastOfLeft, window);
      count++;
    }
    this.#window = window <= last ? window : -Infinity;
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
