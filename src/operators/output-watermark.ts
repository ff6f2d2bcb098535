/** The watermark of what an operator puts out. @module */

import type { Outbox } from '../core/operator.ts';
import type { StateIo } from '../core/state-io.ts';
import type { TimeUs } from '../core/units.ts';

/** Says a watermark when it has risen. It falls only from infinity, when an idle input speaks again. */
export class OutputWatermark {
  #us: TimeUs = -Infinity;

  /** What was said last. */
  get us(): TimeUs {
    return this.#us;
  }

  /** Passes a watermark on, unless as much has been said. */
  raise(us: TimeUs, out: Outbox): void {
    const isLower = us < this.#us && this.#us !== Infinity;
    if (isLower || us === this.#us) return;
    this.#us = us;
    out.watermark(us);
  }

  state(io: StateIo): void {
    this.#us = io.float(this.#us);
  }
}
