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
 * @module
 */

import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { WindowConfig, WindowIndex } from '../window-scheme.ts';
import { WindowScheme } from '../window-scheme.ts';

/** Number of a slice: an integer in a float64; ±Infinity in comparisons. */
export type SliceIndex = number;

/** The arithmetic of windows and slices. */
export class SliceScheme {
  readonly #windows: WindowScheme;
  /** Length of the first slice of a slide; 0: there is one slice only. */
  readonly #restUs: DurationUs;
  readonly #slicesPerSlide: number;
  readonly #slicesPerWindow: number;

  constructor(window: WindowConfig) {
    const { sizeUs, slideUs } = window;
    this.#windows = new WindowScheme(window);
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

  /** The first window whose end lies beyond a watermark: those before it have fired. */
  firstOpenWindow(watermarkUs: TimeUs): WindowIndex {
    return this.#windows.firstOpenWindow(watermarkUs);
  }

  /** The slice that a time lies in. */
  sliceOf(timeUs: TimeUs): SliceIndex {
    const slide = this.#windows.lastWindowAt(timeUs);
    if (this.#restUs === 0) return slide;
    return timeUs - this.startUs(slide) < this.#restUs ? 2 * slide : 2 * slide + 1;
  }

  /** Where a slice ends, exclusive. */
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
