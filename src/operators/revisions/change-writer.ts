/** Results, given and taken back, as rows of streams of changes. @module */

import type { Batch } from '../../core/batch.ts';
import { Change } from '../../core/changes.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { tooLarge } from './replayed-kernel.ts';
import type { Given } from './results.ts';
import { RowBytes } from './row-bytes.ts';

const encoder = new TextEncoder();
const INSERT = encoder.encode(Change.INSERT);
const DELETE = encoder.encode(Change.DELETE);

/** Writes results. */
export class ChangeWriter {
  readonly #node: string;
  readonly #bytes: readonly RowBytes[];
  /** The last watermark handed on, and the last that was finite: what is before it is late. */
  #watermarkUs: TimeUs = -Infinity;
  #lateUs: TimeUs = -Infinity;
  #ingestTimeUs: TimeUs = Infinity;
  /** There was no room the last time. */
  isBlocked = false;

  constructor({ outputs }: OperatorPlan, { node }: KernelContext) {
    this.#node = node;
    this.#bytes = outputs.map(
      ({ stream }, port) => new RowBytes(port, stream.schema, stream.change),
    );
  }

  /** Takes note of when rows came. */
  noteIngest(ingestTimeUs: TimeUs): void {
    if (ingestTimeUs < Infinity) this.#ingestTimeUs = ingestTimeUs;
  }

  state(io: StateIo): void {
    this.#watermarkUs = io.float(this.#watermarkUs);
    this.#lateUs = io.float(this.#lateUs);
    this.#ingestTimeUs = io.float(this.#ingestTimeUs);
  }

  /** Passes a watermark on, unless it is the last one. */
  watermark(watermarkUs: TimeUs, out: Outbox): void {
    if (watermarkUs === this.#watermarkUs) return;
    this.#watermarkUs = watermarkUs;
    if (Number.isFinite(watermarkUs)) this.#lateUs = Math.max(this.#lateUs, watermarkUs);
    out.watermark(watermarkUs);
  }

  /**
   * Writes results of one port behind each other, as many as there is room for.
   *
   * @returns the first that is not written
   */
  write(given: readonly Given[], from: number, out: Outbox): number {
    const { port } = given[from]!;
    const batch = out.claim(port);
    this.isBlocked = batch === undefined;
    if (batch === undefined) return from;
    const wasEmpty = batch.rowCount === 0;
    let next = from;
    while (next < given.length && given[next]!.port === port) {
      if (batch.rowCount === batch.rowCapacity || !this.#writeRow(batch, given[next]!)) break;
      next++;
    }
    if (next === from && wasEmpty) throw tooLarge(this.#node, batch);
    const isFull = next < given.length && given[next]!.port === port;
    if (this.#ingestTimeUs < batch.ingestTimeUs) batch.ingestTimeUs = this.#ingestTimeUs;
    out.commit(port, isFull);
    return next;
  }

  #writeRow(batch: Batch, { port, timeUs, text, isBack }: Given): boolean {
    const row = batch.rowCount;
    const change = batch.columns.length - 1;
    if (!this.#bytes[port]!.read(text, batch.columns, row)) {
      batch.forgetNullsBehind();
      return false;
    }
    const column = batch.columns[change]!;
    const kind = isBack ? DELETE : INSERT;
    column.setPresent(row);
    column.setView(row, kind, 0, kind.length);
    if (batch.hasTime) {
      batch.setTimeUs(row, timeUs);
      batch.setLateBy(row, Math.max(0, this.#lateUs - timeUs));
    }
    batch.setRowCount(row + 1);
    return true;
  }
}
