/** The watermark that results are written for: it goes on behind them. @module */

import type { Outbox, Progress } from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import type { Groups } from './groups.ts';

/**
 * Writes what the watermark closes, in steps.
 *
 * @returns `done` when nothing that it closes is left
 */
export type CloseStep = (watermarkUs: TimeUs, out: Outbox) => Progress;

/** Holds a watermark until all that it closes, and what failed before it, was handed on. */
export class HeldWatermark {
  /** `undefined`: nothing is being closed. */
  #watermarkUs: TimeUs | undefined;
  readonly #groups: Groups;
  readonly #close: CloseStep;

  constructor(groups: Groups, close: CloseStep) {
    this.#groups = groups;
    this.#close = close;
  }

  /** Begins with a watermark. */
  take(watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  /** Goes on, with the budget of a call. */
  resume(out: Outbox): Progress {
    const watermarkUs = this.#watermarkUs;
    const { budget, failures } = this.#groups;
    budget.begin();
    const progress = watermarkUs === undefined ? 'done' : this.#close(watermarkUs, out);
    if (progress !== 'done') return progress;
    if (!failures.flush(out)) return 'blocked';
    if (watermarkUs !== undefined) {
      this.#watermarkUs = undefined;
      out.watermark(watermarkUs);
    }
    return 'done';
  }
}
