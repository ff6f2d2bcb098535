/** Looking for the matches of a batch among the rows kept of the other side. @module */

import type { KernelMemory } from '../../core/memory.ts';
import type { WindowIndex, SlidingWindows } from '../window-scheme.ts';
import type { ArrivingRows } from './arriving-rows.ts';
import type { Side } from './config.ts';
import { LEFT, otherThan } from './config.ts';
import type { SideStore } from './side-store.ts';
import type { TimeKernels } from './time-kernels.ts';
import { windowBit } from './unmatched-rows.ts';

/** Where pairs go. */
export interface Pairs {
  /** By side, by pair: the row, or the record of one that is kept. In the engine's memory. */
  readonly rows: readonly [Int32Array, Int32Array];
  /** By pair, in a join over windows: the window. */
  readonly windows: Float64Array;
  /** By side, by pair: what to note of the row; 1 where a row lies in one window at most. */
  readonly bits: readonly [Int32Array, Int32Array];
}

/** A cursor over the pairs of one batch. */
export class Probe {
  readonly #windows: SlidingWindows | undefined;
  readonly #kernels: TimeKernels;
  /** Where rows may share several windows: pairs of rows, to be paired in each window. */
  readonly #found: readonly [Int32Array, Int32Array];
  #foundCount = 0;
  #next = 0;
  /** Where the windows of the next of them go on; `-Infinity`: at its first. */
  #window: WindowIndex = -Infinity;
  #arriving: ArrivingRows | undefined;
  #store: SideStore | undefined;
  #side: Side = LEFT;

  constructor(
    windows: SlidingWindows | undefined,
    kernels: TimeKernels,
    rowCapacity: number,
    memory: KernelMemory,
  ) {
    this.#windows = windows;
    this.#kernels = kernels;
    const most = this.#mayShareSeveral ? rowCapacity : 1;
    this.#found = [memory.words(most), memory.words(most)];
  }

  get #mayShareSeveral(): boolean {
    return this.#windows !== undefined && this.#windows.windowsPerRow > 1;
  }

  /** Begins with the rows of a batch of `side`; `store` is what is kept of the other one. */
  begin(side: Side, arriving: ArrivingRows, store: SideStore): void {
    this.#side = side;
    this.#arriving = arriving;
    this.#store = store;
    this.#foundCount = 0;
    this.#next = 0;
    this.#window = -Infinity;
    store.rows.kernel.bindKeys(arriving.keys, arriving.live, arriving.liveCount);
    store.rows.beginProbe(arriving.live, arriving.liveCount, arriving);
  }

  /**
   * The next pairs.
   *
   * @param pairs - takes them, from position 0 on
   * @param most - at most so many
   * @returns how many there are; 0 at the end
   */
  next(pairs: Pairs, most: number): number {
    if (this.#mayShareSeveral) return this.#shareWindows(pairs, most);
    const arriving = this.#arriving!;
    const found = pairs.rows[this.#side];
    const count = this.#find(found, pairs.rows[otherThan(this.#side)], most);
    if (this.#windows !== undefined) {
      // Rows that are near share the one window they lie in.
      const { offsetUs, slideUs } = this.#windows.config;
      const times = arriving.times.byteOffset;
      const windows = pairs.windows.byteOffset;
      this.#kernels.windows(found.byteOffset, count, times, windows, offsetUs, slideUs);
    }
    return count;
  }

  #find(found: Int32Array, records: Int32Array, most: number): number {
    return this.#store!.rows.probe(found, records, most);
  }

  /** Pairs rows in each window that both lie in. */
  #shareWindows(pairs: Pairs, most: number): number {
    const [found, records] = this.#found;
    let count = 0;
    while (count < most) {
      if (this.#next === this.#foundCount) {
        this.#foundCount = this.#find(found, records, Math.min(most, found.length));
        this.#next = 0;
        if (this.#foundCount === 0) break;
      }
      count = this.#shareOf(found[this.#next]!, records[this.#next]!, pairs, count, most);
      if (this.#window === -Infinity) this.#next++;
    }
    return count;
  }

  /** @hot */
  #shareOf(row: number, record: number, pairs: Pairs, from: number, most: number): number {
    const windows = this.#windows!;
    const arriving = this.#arriving!;
    const store = this.#store!;
    const mark = Math.max(arriving.marks[row]!, store.markUs(record));
    const lastOfRow = windows.lastWindowAt(arriving.times[row]!);
    const lastOfMatch = windows.lastWindowAt(store.timeUs(record));
    const last = Math.min(lastOfRow, lastOfMatch);
    const rows = pairs.rows[this.#side];
    const matches = pairs.rows[otherThan(this.#side)];
    const bitsOfRow = pairs.bits[this.#side];
    const bitsOfMatch = pairs.bits[otherThan(this.#side)];
    let window = Math.max(windows.firstOpenWindow(mark), this.#window);
    let count = from;
    for (; window <= last && count < most; window++) {
      rows[count] = row;
      matches[count] = record;
      pairs.windows[count] = window;
      bitsOfRow[count] = windowBit(lastOfRow, window);
      bitsOfMatch[count] = windowBit(lastOfMatch, window);
      count++;
    }
    this.#window = window <= last ? window : -Infinity;
    return count;
  }
}
