/**
 * Windows of time: `[k · slide + offset, k · slide + offset + size)` for every integer k; of cumulating
 * ones, `[k · size + offset, k · size + offset + j · step)` for every k and j from 1 to size / step.
 *
 * @module
 */

import type { Schema } from '../core/schema.ts';
import type { AggregateWindow, Window } from '../core/topology/model.ts';
import { TIMESTAMP } from '../core/types.ts';
import type { DurationUs, TimeUs } from '../core/units.ts';

/** Windows `[k · slide + offset, k · slide + offset + size)`; a tumbling one slides by its size. */
export interface WindowConfig {
  readonly sizeUs: DurationUs;
  readonly slideUs: DurationUs;
  readonly offsetUs: DurationUs;
  /** They are cumulating ones, and `slideUs` is their step, of which their size is a multiple. */
  readonly isCumulating?: boolean;
}

/** Number of a window: an integer in a float64; ±Infinity in comparisons. */
export type WindowIndex = number;

/** The columns that every operator with windows puts in front of its output. */
export const WINDOW_FIELDS: Schema = [
  { name: 'window_start', type: TIMESTAMP },
  { name: 'window_end', type: TIMESTAMP },
];

/** What a topology says of windows, as operators want it. */
export function windowConfig(window: Window): WindowConfig {
  const { sizeUs, offsetUs } = window;
  switch (window.kind) {
    case 'tumbling':
      return { sizeUs, offsetUs, slideUs: sizeUs };
    case 'hopping':
      return { sizeUs, offsetUs, slideUs: window.slideUs };
    case 'cumulating':
      return { sizeUs, offsetUs, slideUs: window.stepUs, isCumulating: true };
  }
}

/** Whether windows go by the moment in which rows arrive. */
export function isProcessingTime(window: AggregateWindow | 'input' | undefined): boolean {
  return typeof window === 'object' && window.time === 'processing';
}

/** The arithmetic of windows. */
export interface WindowScheme {
  startUs(window: WindowIndex): TimeUs;
  endUs(window: WindowIndex): TimeUs;
  /** The first window whose end lies beyond a watermark: those before it have fired. */
  firstOpenWindow(watermarkUs: TimeUs): WindowIndex;
  /** The last window that a time lies in; the first is {@link firstOpenWindow} of it. */
  lastWindowAt(timeUs: TimeUs): WindowIndex;
  /** Most windows that one time lies in. */
  readonly windowsPerRow: number;
}

/** The arithmetic of windows like these. */
export function windowScheme(config: WindowConfig): WindowScheme {
  return config.isCumulating === true ? new CumulatingWindows(config) : new SlidingWindows(config);
}

/** When a window begins that ends at `endUs`. */
export function startOfEnding(
  { sizeUs, offsetUs, isCumulating }: WindowConfig,
  endUs: TimeUs,
): TimeUs {
  if (isCumulating !== true) return endUs - sizeUs;
  return Math.floor((endUs - 1 - offsetUs) / sizeUs) * sizeUs + offsetUs;
}

/** Tumbling and hopping windows. */
export class SlidingWindows implements WindowScheme {
  readonly #sizeUs: DurationUs;
  readonly #slideUs: DurationUs;
  readonly #offsetUs: DurationUs;

  readonly config: WindowConfig;

  constructor(config: WindowConfig) {
    const { sizeUs, slideUs, offsetUs } = config;
    this.config = config;
    this.#sizeUs = sizeUs;
    this.#slideUs = slideUs;
    this.#offsetUs = offsetUs;
  }

  startUs(window: WindowIndex): TimeUs {
    return window * this.#slideUs + this.#offsetUs;
  }

  endUs(window: WindowIndex): TimeUs {
    return this.startUs(window) + this.#sizeUs;
  }

  firstOpenWindow(watermarkUs: TimeUs): WindowIndex {
    return Math.floor((watermarkUs - this.#offsetUs - this.#sizeUs) / this.#slideUs) + 1;
  }

  lastWindowAt(timeUs: TimeUs): WindowIndex {
    return Math.floor((timeUs - this.#offsetUs) / this.#slideUs);
  }

  get windowsPerRow(): number {
    return Math.ceil(this.#sizeUs / this.#slideUs);
  }
}

/** Cumulating windows: number `k · n + j − 1` is the j-th of those that begin at `k · size + offset`. */
export class CumulatingWindows implements WindowScheme {
  readonly #sizeUs: DurationUs;
  readonly #stepUs: DurationUs;
  readonly #offsetUs: DurationUs;
  /** n: how many windows begin together. */
  readonly windowsPerRow: number;

  constructor({ sizeUs, slideUs, offsetUs }: WindowConfig) {
    this.#sizeUs = sizeUs;
    this.#stepUs = slideUs;
    this.#offsetUs = offsetUs;
    this.windowsPerRow = sizeUs / slideUs;
  }

  startUs(window: WindowIndex): TimeUs {
    return Math.floor(window / this.windowsPerRow) * this.#sizeUs + this.#offsetUs;
  }

  endUs(window: WindowIndex): TimeUs {
    return (window + 1) * this.#stepUs + this.#offsetUs;
  }

  firstOpenWindow(watermarkUs: TimeUs): WindowIndex {
    return Math.floor((watermarkUs - this.#offsetUs) / this.#stepUs);
  }

  lastWindowAt(timeUs: TimeUs): WindowIndex {
    const cycle = Math.floor((timeUs - this.#offsetUs) / this.#sizeUs);
    return (cycle + 1) * this.windowsPerRow - 1;
  }
}
