/**
 * Windows and the slices they are made of.
 *
 * Window k is `[k · slide + offset, k · slide + offset + size)`. Rows are not added to every window
 * they fall in, but to one *slice*: the time between two neighbouring edges of windows. A window's
 * groups are put together from its slices when it fires.
 *
 * ```
 *   size = 2 · slide + r         window 0 ├───────────────────────────┤
 *                                window 1             ├───────────────────────────┤
 *                                slices   ├──0──┼──1──┼──2──┼──3──┼──4──┼──5──┼ …
 *                                          r           r           r
 * ```
 *
 * Where size is a multiple of slide (r = 0) there is one slice for each slide, and a tumbling window
 * is its only slice. At five slides a window, slices cost a fifth of adding each row to five windows
 * for 100 groups, half for 10,000, and 1.2 times as much where every row is a group of its own
 * (bench/micro/aggregate.ts).
 *
 * The slices of cumulating windows are their steps. What has been put together for one window is kept
 * for the next, so that each slice is added once.
 *
 * @module
 */

import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { WindowConfig, WindowIndex } from '../window-scheme.ts';
import { CumulatingWindows, SlidingWindows } from '../window-scheme.ts';

/** Number of a slice: an integer in a float64; ±Infinity in comparisons. */
export type SliceIndex = number;

/** The arithmetic of windows and slices. */
export interface SliceScheme {
  /** Each window begins with all of the one before it, but for the first of a cycle. */
  readonly isCumulating: boolean;
  startUs(window: WindowIndex): TimeUs;
  endUs(window: WindowIndex): TimeUs;
  /** The first window whose end lies beyond a watermark: those before it have fired. */
  firstOpenWindow(watermarkUs: TimeUs): WindowIndex;
  /** The slice that a time lies in. */
  sliceOf(timeUs: TimeUs): SliceIndex;
  /** Where a slice ends, exclusive. */
  endOfSliceUs(slice: SliceIndex): TimeUs;
  firstWindowOf(slice: SliceIndex): WindowIndex;
  lastWindowOf(slice: SliceIndex): WindowIndex;
  firstSliceOf(window: WindowIndex): SliceIndex;
  lastSliceOf(window: WindowIndex): SliceIndex;
}

/** The arithmetic of windows like these. */
export function sliceScheme(window: WindowConfig): SliceScheme {
  return window.isCumulating === true ? new CumulatingSlices(window) : new SlidingSlices(window);
}

/** Slices of tumbling and hopping windows. */
class SlidingSlices implements SliceScheme {
  readonly isCumulating = false;
  readonly #windows: SlidingWindows;
  /** Length of the first slice of a slide; 0: there is one slice only. */
  readonly #restUs: DurationUs;
  readonly #slicesPerSlide: number;
  readonly #slicesPerWindow: number;

  constructor(window: WindowConfig) {
    const { sizeUs, slideUs } = window;
    this.#windows = new SlidingWindows(window);
    this.#restUs = sizeUs % slideUs;
    this.#slicesPerSlide = this.#restUs === 0 ? 1 : 2;
    const slides = Math.floor(sizeUs / slideUs);
    this.#slicesPerWindow = this.#restUs === 0 ? slides : 2 * slides + 1;
  }

  startUs(window: WindowIndex): TimeUs {
    return this.#windows.startUs(window);
  }

  endUs(window: WindowIndex): TimeUs {
    return this.#windows.endUs(window);
  }

  firstOpenWindow(watermarkUs: TimeUs): WindowIndex {
    return this.#windows.firstOpenWindow(watermarkUs);
  }

  sliceOf(timeUs: TimeUs): SliceIndex {
    const slide = this.#windows.lastWindowAt(timeUs);
    if (this.#restUs === 0) return slide;
    return timeUs - this.startUs(slide) < this.#restUs ? 2 * slide : 2 * slide + 1;
  }

  endOfSliceUs(slice: SliceIndex): TimeUs {
    const slide = Math.floor(slice / this.#slicesPerSlide);
    const isFirstOfTwo = this.#restUs !== 0 && slice === 2 * slide;
    return isFirstOfTwo ? this.startUs(slide) + this.#restUs : this.startUs(slide + 1);
  }

  firstWindowOf(slice: SliceIndex): WindowIndex {
    return Math.ceil((slice - this.#slicesPerWindow + 1) / this.#slicesPerSlide);
  }

  lastWindowOf(slice: SliceIndex): WindowIndex {
    return Math.floor(slice / this.#slicesPerSlide);
  }

  firstSliceOf(window: WindowIndex): SliceIndex {
    return window * this.#slicesPerSlide;
  }

  lastSliceOf(window: WindowIndex): SliceIndex {
    return this.firstSliceOf(window) + this.#slicesPerWindow - 1;
  }
}

/** A slice for each step; a window is the slices from the first of its cycle to its own. */
class CumulatingSlices implements SliceScheme {
  readonly isCumulating = true;
  readonly #windows: CumulatingWindows;
  /** Windows, and slices, of a cycle. */
  readonly #perCycle: number;

  constructor(window: WindowConfig) {
    this.#windows = new CumulatingWindows(window);
    this.#perCycle = this.#windows.windowsPerRow;
  }

  startUs(window: WindowIndex): TimeUs {
    return this.#windows.startUs(window);
  }

  endUs(window: WindowIndex): TimeUs {
    return this.#windows.endUs(window);
  }

  firstOpenWindow(watermarkUs: TimeUs): WindowIndex {
    return this.#windows.firstOpenWindow(watermarkUs);
  }

  sliceOf(timeUs: TimeUs): SliceIndex {
    return this.#windows.firstOpenWindow(timeUs);
  }

  endOfSliceUs(slice: SliceIndex): TimeUs {
    return this.#windows.endUs(slice);
  }

  firstWindowOf(slice: SliceIndex): WindowIndex {
    return slice;
  }

  lastWindowOf(slice: SliceIndex): WindowIndex {
    return this.firstSliceOf(slice) + this.#perCycle - 1;
  }

  firstSliceOf(window: WindowIndex): SliceIndex {
    return Math.floor(window / this.#perCycle) * this.#perCycle;
  }

  lastSliceOf(window: WindowIndex): SliceIndex {
    return window;
  }
}
