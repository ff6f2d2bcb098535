/** Hands on what a kernel with parameters gives, without the parameters. @module */

import { Batch } from '../../core/batch.ts';
import type { OperatorPlan, Outbox } from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';

/** The outbox of a kernel whose input has more columns than the streams that show them. */
export class NarrowOutbox implements Outbox {
  readonly #widths: readonly number[];
  /** By port: the first columns of a batch that has more. */
  readonly #views: readonly Batch[];
  #out!: Outbox;

  constructor({ outputs }: OperatorPlan, rowCapacity: number) {
    this.#widths = outputs.map(({ stream }) => stream.schema.length);
    this.#views = outputs.map(({ stream }) => Batch.view(rowCapacity, stream.hasTime));
  }

  /** This outbox over that of the task, for one call. */
  over(out: Outbox): this {
    this.#out = out;
    return this;
  }

  offer(port: number, batch: Batch): void {
    const width = this.#widths[port]!;
    if (batch.columns.length === width) {
      this.#out.offer(port, batch);
      return;
    }
    const view = this.#views[port]!;
    view.shareRows(batch);
    for (let c = 0; c < width; c++) view.columns[c] = batch.columns[c]!;
    this.#out.offer(port, view);
  }

  claim(port: number): Batch | undefined {
    return this.#out.claim(port);
  }

  commit(port: number, isFull: boolean): void {
    this.#out.commit(port, isFull);
  }

  watermark(watermarkUs: TimeUs): void {
    this.#out.watermark(watermarkUs);
  }
}
