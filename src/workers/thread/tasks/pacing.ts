/**
 * Keeps sources that meet in a join within a bound of each other's watermark, so that a fast one
 * does not fill the join's state.
 *
 * A source stops reading while its own watermark is more than the bound ahead of the slowest of the
 * others. The slowest one of a group never stops, operators never do, and an ended or idle source
 * stands at `Infinity`; so nothing waits in a circle.
 *
 * @module
 */

import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { Bell, SeqlockReader, SeqlockWriter } from '../../../ringbuf/index.ts';

/** The pacing of one source. */
export class Pacing {
  readonly #own: SeqlockWriter;
  readonly #others: readonly SeqlockReader[];
  readonly #otherBells: readonly Bell[];
  readonly #driftUs: DurationUs;
  #watermarkUs: TimeUs = -Infinity;

  constructor(
    own: SeqlockWriter,
    others: readonly SeqlockReader[],
    otherBells: readonly Bell[],
    driftUs: DurationUs,
  ) {
    this.#own = own;
    this.#others = others;
    this.#otherBells = otherBells;
    this.#driftUs = driftUs;
    own.set(0, -Infinity);
  }

  /** Tells the others where this source stands. */
  announce(watermarkUs: TimeUs): void {
    if (watermarkUs === this.#watermarkUs) return;
    this.#watermarkUs = watermarkUs;
    this.#own.set(0, watermarkUs);
    for (const bell of this.#otherBells) bell.ring();
  }

  /** Whether this source may read on. */
  mayRead(): boolean {
    // Before its first row and while idle a source holds nobody up and need not wait.
    if (this.#others.length === 0 || !Number.isFinite(this.#watermarkUs)) return true;
    for (const other of this.#others) {
      if (this.#watermarkUs > other.get(0) + this.#driftUs) return false;
    }
    return true;
  }
}
