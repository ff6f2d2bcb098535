/** Which windows rows are in, for those that shed whole groups. @module */

import type { RowUnits } from '../../../../admission/index.ts';
import type { Batch } from '../../../../core/batch.ts';
import type { UnitWindows } from '../../../../core/subsets.ts';
import { SlidingWindows } from '../../../../operators/kernels.ts';

/** The windows of the rows of a batch; without windows all are in number 0. */
export class RowWindows implements RowUnits {
  units: Float64Array;
  #batch: Batch | undefined;
  readonly #scheme: SlidingWindows | undefined;

  constructor(windows: UnitWindows | undefined, units: Float64Array = new Float64Array(0)) {
    this.#scheme = windows && new SlidingWindows(windows);
    this.units = units;
  }

  /** Asks about the rows of another batch from now on. @hot */
  open(batch: Batch): void {
    this.#batch = batch;
  }

  /** @hot */
  first(row: number): number {
    if (this.#scheme === undefined) return 0;
    const batch = this.#batch!;
    return this.#scheme.firstOpenWindow(batch.timeUs(row) + batch.lateByUs(row));
  }

  /** @hot */
  last(row: number): number {
    return this.#scheme === undefined ? 0 : this.#scheme.lastWindowAt(this.#batch!.timeUs(row));
  }

  /** @hot */
  onlyWindow(): number {
    const scheme = this.#scheme;
    if (scheme === undefined) return 0;
    const { lateCount, minTimeUs, maxTimeUs } = this.#batch!;
    if (lateCount > 0 || scheme.windowsPerRow > 1) return NaN;
    const window = scheme.lastWindowAt(minTimeUs);
    return window === scheme.lastWindowAt(maxTimeUs) ? window : NaN;
  }

  /** @hot */
  oldest(): number {
    return this.#scheme === undefined ? 0 : this.#scheme.firstOpenWindow(this.#batch!.minTimeUs);
  }
}
