/** Rows of one side that leave a join without a match, a chunk at a time. @module */

import type { WindowIndex, SlidingWindows } from '../window-scheme.ts';
import type { RowNotes } from './row-notes.ts';

/**
 * The bit of a window among those of a row whose last window is `last`, to note that the row found a
 * match there. The topology's checks see to it that a row has at most 32 windows in a join that
 * asks; in an inner join nobody does.
 */
export function windowBit(last: WindowIndex, window: WindowIndex): number {
  return 1 << (last - window);
}

/** Lists rows, with a join over windows once for each window in which they found no match. */
export class UnmatchedRows {
  /** `rows[0 .. count)` are listed, `windows` are theirs where there are windows. */
  count = 0;
  readonly #rows: Int32Array;
  readonly #windows: Float64Array;
  readonly #scheme: SlidingWindows | undefined;
  readonly #perRow: number;
  #most = 0;

  constructor(rows: Int32Array, windows: Float64Array, scheme: SlidingWindows | undefined) {
    this.#rows = rows;
    this.#windows = windows;
    this.#scheme = scheme;
    this.#perRow = scheme === undefined ? 1 : scheme.windowsPerRow;
  }

  /** Begins a chunk of about `most` rows. */
  begin(most: number): void {
    this.#most = most;
    this.count = 0;
  }

  /** Whether another row can be added, with all its windows. */
  get hasRoom(): boolean {
    return this.count === 0 || this.count + this.#perRow <= this.#most;
  }

  /** Adds a row, where it has found no match. */
  add(row: number, notes: RowNotes): void {
    const matches = notes.matchesOf(row);
    if (this.#scheme === undefined) {
      if (matches === 0) this.#rows[this.count++] = row;
      return;
    }
    const last = this.#scheme.lastWindowAt(notes.timeUs(row));
    const first = this.#scheme.firstOpenWindow(notes.markUs(row));
    for (let window = first; window <= last; window++) {
      if ((matches & windowBit(last, window)) !== 0) continue;
      this.#windows[this.count] = window;
      this.#rows[this.count++] = row;
    }
  }
}
