/** What a kernel gives, row by row, for another to decide about. @module */

import { layoutBatch } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import { RowBytes } from './row-bytes.ts';

/** Takes a row that was given; without event time its time is 0. */
export type TakeRow = (port: number, timeUs: TimeUs, text: string) => void;

/** An outbox that is never full. */
export class CapturedRows implements Outbox {
  readonly #batches: readonly Batch[];
  readonly #bytes: readonly RowBytes[];
  #take: TakeRow = () => undefined;
  /** The last watermark that was passed on. */
  watermarkUs: TimeUs = -Infinity;

  constructor({ outputs }: OperatorPlan, { rowCapacity, slotHeapBytes, memory }: KernelContext) {
    this.#batches = outputs.map(({ stream }) =>
      Batch.allocate(layoutBatch(stream, rowCapacity, slotHeapBytes), memory),
    );
    this.#bytes = outputs.map(({ stream }, port) => new RowBytes(port, stream.schema));
  }

  /** For the next calls: who takes the rows. */
  for(take: TakeRow): this {
    this.#take = take;
    return this;
  }

  offer(port: number, batch: Batch): void {
    for (let i = 0; i < batch.selected; i++) this.#takeRow(port, batch, batch.selection[i]!);
  }

  claim(port: number): Batch {
    return this.#batches[port]!;
  }

  commit(port: number): void {
    const batch = this.#batches[port]!;
    for (let row = 0; row < batch.rowCount; row++) this.#takeRow(port, batch, row);
    batch.reset();
  }

  #takeRow(port: number, batch: Batch, row: number): void {
    const timeUs = batch.hasTime ? batch.timeUs(row) : 0;
    this.#take(port, timeUs, this.#bytes[port]!.write(batch.columns, row));
  }

  watermark(watermarkUs: TimeUs): void {
    this.watermarkUs = watermarkUs;
  }
}
