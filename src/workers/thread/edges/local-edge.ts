/** An edge to a task on the same worker: a function call. @module */

import type { Batch } from '../../../core/batch.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { Edge, Target } from '../flow.ts';

/** Calls `target` at once, or keeps one batch for it by reference. */
export class LocalEdge implements Edge {
  readonly #target: Target;
  readonly #channel: number;
  #pending: Batch | undefined;
  #watermarkUs: TimeUs = -Infinity;
  #handedUs: TimeUs = -Infinity;
  #isEnding = false;

  constructor(target: Target, channel: number) {
    this.#target = target;
    this.#channel = channel;
  }

  offer(batch: Batch): void {
    if (this.#target.canAccept()) this.#target.accept(this.#channel, batch);
    else this.#pending = batch;
  }

  watermark(watermarkUs: TimeUs): void {
    this.#watermarkUs = watermarkUs;
    if (this.#pending === undefined) this.#handSignals();
  }

  end(): void {
    this.#isEnding = true;
    if (this.#pending === undefined) this.#handSignals();
  }

  isIdle(): boolean {
    return this.#pending === undefined;
  }

  pump(): boolean {
    const batch = this.#pending;
    if (batch === undefined || !this.#target.canAccept()) return false;
    this.#pending = undefined;
    this.#target.accept(this.#channel, batch);
    this.#handSignals();
    return true;
  }

  flush(): boolean {
    return false;
  }

  #handSignals(): void {
    if (this.#watermarkUs !== this.#handedUs) {
      this.#handedUs = this.#watermarkUs;
      this.#target.acceptWatermark(this.#channel, this.#watermarkUs);
    }
    if (this.#isEnding) {
      this.#isEnding = false;
      this.#target.acceptEnd(this.#channel);
    }
  }
}
