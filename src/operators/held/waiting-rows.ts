/** Rows that wait for their turn, the watermarks behind them, and those that leave. @module */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { HeldBlocks } from '../../state/index.ts';
import { HeldRows } from '../../state/index.ts';
import { HeldOutput } from './held-output.ts';
import { HeldWatermark } from './held-watermark.ts';

/** Rows leave on this port if nothing else is said. */
const OUT = 0;
/** Rows that leave in one call. */
const MOST_ROWS = 8192;

/** Whole rows, which leave as they came on one of some ports of one schema. */
export class WaitingRows {
  readonly rows: HeldRows;
  readonly #hasTime: boolean;
  readonly #outputs: readonly HeldOutput[];
  readonly #watermark = new HeldWatermark();

  /** @param ports - how many ports rows may leave on, from the first on */
  constructor(plan: OperatorPlan, context: KernelContext, blocks: HeldBlocks, ports = 1) {
    const { memory, rowCapacity } = context;
    const { schema, hasTime } = plan.outputs[OUT]!.stream;
    const columns = schema.map(({ type }) => storageOf(type));
    this.rows = new HeldRows(memory, blocks, { columns, hasTime, rowCapacity });
    this.#hasTime = hasTime;
    const positions = schema.map((_, c) => c);
    const parts = [{ rows: this.rows, positions }];
    this.#outputs = Array.from(
      { length: ports },
      (_, port) => new HeldOutput(plan, context, port, parts),
    );
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
    for (const output of this.#outputs) output.noteIngest(batch.ingestTimeUs);
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
    for (let port = 0; port < this.#outputs.length; port++) {
      if (this.#outputs[port]!.isFull) return true;
    }
    return false;
  }

  /** Says that a row leaves next. */
  release(record: number, port = OUT): void {
    this.#outputs[port]!.addRecord(record);
  }

  /** Hands on what was released, and forgets it; false when an output is full: call it again. */
  flush(out: Outbox): boolean {
    for (let port = 0; port < this.#outputs.length; port++) {
      if (!this.#flushPort(this.#outputs[port]!, out)) return false;
    }
    return true;
  }

  #flushPort(output: HeldOutput, out: Outbox): boolean {
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

  /**
   * Hands on what `release` releases, until it releases no more or as many rows have left as one call
   * should hand on; then the watermark behind them.
   */
  handOn(out: Outbox, release: () => void): Progress {
    for (let left = MOST_ROWS; ; left -= this.rows.records.length) {
      if (!this.flush(out)) return 'blocked';
      release();
      if (!this.isFull) break;
      if (left <= 0) return 'yielded';
    }
    if (!this.flush(out)) return 'blocked';
    this.passWatermark(out);
    return 'done';
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

  /** With nothing to be flushed. */
  *state(io: StateIo): Steps {
    this.rows.state(io);
    for (const output of this.#outputs) output.state(io);
    yield* this.#watermark.state(io);
  }
}
