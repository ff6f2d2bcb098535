/** When results of a window are given that rows have changed. Pure. @module */

import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { RevisionConfig } from '../config.ts';

/** Rows that come later than a window has closed are gathered for so much of the time that it takes them. */
const LATE_SHARES = 64;

/** The times at which results are given. */
export class RevisionTimes {
  readonly #everyUs: DurationUs;
  readonly #lateUs: DurationUs;

  constructor({ everyUs, latenessUs }: RevisionConfig) {
    this.#everyUs = everyUs;
    this.#lateUs = everyUs < Infinity ? everyUs : Math.max(1, Math.floor(latenessUs / LATE_SHARES));
  }

  /**
   * At which watermark a row counts in the results of a window that ends at `endUs`.
   *
   * @param markUs - where the row's source stood, or its own time if that is later
   */
  dueUs(markUs: TimeUs, endUs: TimeUs): TimeUs {
    if (markUs >= endUs) return this.lateUs(markUs);
    return Math.min(this.earlyUs(markUs), endUs);
  }

  /** The first multiple at which a row counts in a window that is open; `Infinity`: it waits for the end. */
  earlyUs(markUs: TimeUs): TimeUs {
    return this.#everyUs < Infinity ? multipleAfter(markUs, this.#everyUs) : Infinity;
  }

  /** The first multiple at which a row counts in a window that had closed. */
  lateUs(markUs: TimeUs): TimeUs {
    return multipleAfter(markUs, this.#lateUs);
  }
}

function multipleAfter(timeUs: TimeUs, everyUs: DurationUs): TimeUs {
  return (Math.floor(timeUs / everyUs) + 1) * everyUs;
}
