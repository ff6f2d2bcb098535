/**
 * Windows of time: `[k · slide + offset, k · slide + offset + size)` for every integer k.
 *
 * @module
 */

import type { Schema } from '../core/schema.ts';
import type { Window } from '../core/topology/model.ts';
import { TIMESTAMP } from '../core/types.ts';
import type { DurationUs, TimeUs } from '../core/units.ts';

/** Windows `[k · slide + offset, k · slide + offset + size)`; a tumbling one slides by its size. */
export interface WindowConfig {
  readonly sizeUs: DurationUs;
  readonly slideUs: DurationUs;
  readonly offsetUs: DurationUs;
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
  return { sizeUs, offsetUs, slideUs: window.kind === 'hopping' ? window.slideUs : sizeUs };
}

/** Whether windows go by the moment in which rows arrive. */
export function isProcessingTime(window: Window | 'input' | undefined): boolean {
  return typeof window === 'object' && window.time === 'processing';
}

/** The arithmetic of windows. */
export class WindowScheme {
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

  /** The first window whose end lies beyond a watermark: those before it have fired. */
  firstOpenWindow(watermarkUs: TimeUs): WindowIndex {
    return Math.floor((watermarkUs - this.#offsetUs - this.#sizeUs) / this.#slideUs) + 1;
  }

  /** The last window that a time lies in; the first is {@link firstOpenWindow} of it. */
  lastWindowAt(timeUs: TimeUs): WindowIndex {
    return Math.floor((timeUs - this.#offsetUs) / this.#slideUs);
  }

  /** Most windows that one time lies in. */
  get windowsPerRow(): number {
    return Math.ceil(this.#sizeUs / this.#slideUs);
  }
}
