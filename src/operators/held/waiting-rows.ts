/** Rows that wait for their turn, the watermarks behind them, and those that leave. @module */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { HeldBlocks } from '../../state/index.ts';
import { HeldRows } from '../../state/index.ts';
import { HeldOutput } from './held-output.ts';
import { HeldWatermark } from './held-watermark.ts';

const OUT = 0;

/** Whole rows of the schema of port `out`, on which they leave as they came. */
export class WaitingRows {
  readonly rows: HeldRows;
  readonly #hasTime: boolean;
  readonly #output: HeldOutput;
  readonly #watermark = new HeldWatermark();

  constructor(plan: OperatorPlan, context: KernelContext, blocks: HeldBlocks) {
    const { memory, rowCapacity } = context;
    const { schema, hasTime } = plan.outputs[OUT]!.stream;
    const columns = schema.map(({ type }) => storageOf(type));
    this.rows = new HeldRows(memory, blocks, { columns, hasTime, rowCapacity });
    this.#hasTime = hasTime;
    const positions = schema.map((_, c) => c);
    this.#output = new HeldOutput(plan, context, OUT, [{ rows: this.rows, positions }]);
  }

  /** Rows that wait. */
  get count(): number {
    return this.rows.count;
  }

  /**
   * Keeps rows `rows[0 .. count)` of a batch; `this.rows.records` are theirs, by position.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  keep(batch: Batch, rows: Uint32Array, count: number): void {
    const held = this.rows;
    held.hold(batch, rows, count);
    this.#output.noteIngest(batch.ingestTimeUs);
    const { records } = held;
    const hasLate = this.#hasTime && batch.lateCount !== 0;
    for (let i = 0; i < count; i++) {
      // A late row holds no watermark back.
      if (hasLate && batch.lateByUs(rows[i]!) > 0) continue;
      held.setTag(records[i]!, this.#watermark.hold());
    }
  }

  /** No more rows can be {@link release}d before a flush. */
  get isFull(): boolean {
    return this.#output.isFull;
  }

  /** Says that a row leaves next. */
  release(record: number): void {
    this.#output.addRecord(record);
  }

  /** Hands on what was released, and forgets it; false when the output is full: call it again. */
  flush(out: Outbox): boolean {
    const output = this.#output;
    const { count } = output;
    if (count === 0) return true;
    if (!output.flush(out)) return false;
    const records = output.records[0]!;
    for (let i = 0; i < count; i++) this.#free(records[i]!);
    output.letGo(0);
    output.reset();
    return true;
  }

  /** Drops a row that waits. */
  drop(record: number): void {
    this.#free(record);
    this.rows.letGo(record);
  }

  #free(record: number): void {
    if (this.rows.lateByUs(record) === 0) this.#watermark.letGo(this.rows.tag(record));
  }

  /** A watermark came. */
  raise(watermarkUs: TimeUs): void {
    this.#watermark.raise(watermarkUs);
  }

  /** Passes on the watermark that no row holds back any more. */
  passWatermark(out: Outbox): void {
    const watermarkUs = this.#watermark.take();
    if (watermarkUs !== undefined) out.watermark(watermarkUs);
  }
}
